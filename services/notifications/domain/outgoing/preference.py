"""The stream of one recipient's preferences: the last ones count."""

from services.notifications.domain.outgoing.commands import SetPreferences
from services.notifications.domain.outgoing.events import PreferencesSet
from services.notifications.domain.outgoing.preferring import Preferences
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider


def decide(command: SetPreferences, preferences: Preferences) -> list[PreferencesSet]:
    asked = command.preferences
    if asked == preferences:
        return []
    return [
        PreferencesSet(
            owner=command.owner,
            partner_id=command.partner_id,
            language=asked.language,
            zone=asked.zone,
            quiet_from=asked.quiet_from,
            quiet_until=asked.quiet_until,
            digest_at=asked.digest_at,
        )
    ]


def evolve(_: Preferences, fact: PreferencesSet) -> Preferences:
    return Preferences(
        language=fact.language,
        zone=fact.zone,
        quiet_from=fact.quiet_from,
        quiet_until=fact.quiet_until,
        digest_at=fact.digest_at,
    )


def preference_stream(owner: str) -> str:
    return f"notifications.preference-{named(owner)}"


DECIDER: Decider[SetPreferences, Preferences, PreferencesSet] = Decider(
    decide, evolve, Preferences()
)
PREFERENCE = Aggregate(name="preference", decider=DECIDER, facts=(PreferencesSet,))
