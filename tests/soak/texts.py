"""What is labelled in the rounds: invented news with what usually breaks offsets in it."""

from __future__ import annotations

_HARBOUR = (
    "The harbour office of Velsund said on Monday that the eastern pier would stay closed until the inspection of its beams was over. "
    "Captains of the fishing fleet called the closure a stab in the back, and some of them sailed to Orrin instead 🚢. "
    "Критики называют решение катастрофой, хотя причины его никто не оспаривает 👨\u200d👩\u200d👧. "
    "У порту кажуть, що роботи триватимуть чотири тижні, а склади залишаться відкритими. "
)
_BRIDGE = (
    "In the town hall the mayor spoke of a cafe\u0301 owner who had waited three years for a permit, and of a bridge nobody had asked for. "
    "Sources close to the council claim that the bridge was paid for twice 😀😀, which the treasurer denies. "
    "Жители района говорят, что им обещали автобус, но автобуса они так и не увидели 🚌. "
)
TEXT = "\n\n".join(
    [_HARBOUR, _BRIDGE, _HARBOUR.replace("Velsund", "Tarnvale"), _BRIDGE.replace("bridge", "tunnel")]
)
