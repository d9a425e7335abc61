"""Who fills which seat: one person one seat, and as many seats as can be filled at all.

A voter may fit several seats (by name, by role, as a delegate). Seats are not given away when he
votes, but matched anew: otherwise the order of votes would decide who is still missing.
"""

from collections.abc import Mapping, Sequence

NAMED = "user:"


def seated(seats: Sequence[str], voters: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """Index of a seat → voter, for a largest matching (augmenting paths).

    Which voters can all be seated is a matroid, so taking them one by one, in any order, ends
    with equally many seats filled. Whoever is asked by name sits there if he can: a seat that is
    missing is never that of somebody who has voted.
    """
    taken: dict[int, str] = {}
    by_name = sorted(range(len(seats)), key=lambda index: not seats[index].startswith(NAMED))
    for voter in sorted(voters):
        _place(voter, [(index, seats[index]) for index in by_name], voters, taken, set())
    return taken


def _place(
    voter: str,
    seats: Sequence[tuple[int, str]],
    voters: Mapping[str, Sequence[str]],
    taken: dict[int, str],
    tried: set[int],
) -> bool:
    for index, seat in seats:
        if seat in voters[voter] and index not in tried:
            tried.add(index)
            if index not in taken or _place(taken[index], seats, voters, taken, tried):
                taken[index] = voter
                return True
    return False
