"""The texts of the annotator's test page: what usually breaks offsets, and one that is long."""

from __future__ import annotations

LONG_CHARACTERS = 200_000
TEXTS = {
    "en": (
        "en",
        "The minister said the plan would “save lives”. Critics call the plan a disaster. Some disagree.\n\nSecond paragraph: nobody asked for it.",
    ),
    "ru": (
        "ru",
        "👨\u200d👩\u200d👧 Министр заявил, что план «спасёт жизни» 🚀. Критики называют его катастрофой — и не без причин.\r\nВторой абзац: 😀😀 конец.",
    ),
    "ar": ("ar", 'قال الوزير إن الخطة "ستنقذ الأرواح" 🚀 في عام 2031. وصفها النقاد بأنها كارثة.'),
    "marks": ("en", "A cafe\u0301 in Zu\u0308rich opened. The nai\u0308ve plan failed."),
    "hostile": (
        "en",
        '<img src=x onerror="window.pwned=1"> <script>window.pwned=1</script> &amp; </div> plain words end.',
    ),
    "long": (
        "ru",
        "\n\n".join(
            f"Абзац {n}: " + "Правительство объявило о новых мерах 🚀 поддержки, сообщили в ведомстве. " * 8
            for n in range(400)
        )[:LONG_CHARACTERS],
    ),
}
