"""Bodies that no door lets in: told once, tried at the front door and on the bus."""

from collections.abc import Callable

Frame = Callable[[bytes], bytes]
"""Puts the value of one field that should be a text into an otherwise good document."""

NO_JSON = [
    b"",
    b" ",
    b"{",
    b"}",
    b"[",
    b'{"a"',
    b'{"a":',
    b'{"a":1,',
    b'{"a":1,}',
    b"{'a':1}",
    b"{a:1}",
    b'{"a":1}{"a":1}',
    b'{"a":1} x',
    b"null null",
    b"nul",
    b"True",
    b"<xml/>",
    b"a=1&b=2",
    b"\x00",
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b'{"a":"\xff"}',
    b'{"a":"\xc3\x28"}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"tab\tinside"}',
    b'{"a":"line\ninside"}',
    b'{"a":"\\x41"}',
    b'{"a":"\\u12"}',
    b'{"a":01}',
    b'{"a":+1}',
    b'{"a":.5}',
    b'{"a":1.}',
    b'{"a":0x10}',
    b"\x80\x04\x95",
    b"--- yaml",
    b"//{}",
    b"/* */{}",
]
NO_OBJECT = [b"null", b"true", b"1", b"1.5", b'"text"', b"[]", b"[{}]", b'["id","1"]']
NO_TEXT = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"null",
    b"true",
    b"0",
    b"-0",
    b"1e999",
    b"1E400",
    b"1e-999",
    b"12345678901234567890",
    b"9" * 5_000,
    b"-" + b"9" * 5_000,
    b"0." + b"1" * 5_000,
    b"{}",
    b"[]",
    b'{"$ne":null}',
    b'{"$gt":""}',
    b'["a"]',
    b"[" * 900 + b"]" * 900,
    b"[" * 100_000,
    b"[" * 50_000 + b"]" * 50_000,
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"a\\ud83d"',
    b'""',
]


def cases(frame: Frame) -> list[bytes]:
    return [*NO_JSON, *NO_OBJECT, *map(frame, NO_TEXT)]
