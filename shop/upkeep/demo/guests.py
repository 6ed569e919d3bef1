"""The customers of the demo shop and what they have written on their cakes, pleasant and nasty."""

from random import Random

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡"
GIVEN = (
    *"伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚",
    *(
        "秀英",
        "桂英",
        "子涵",
        "梓萱",
        "浩然",
        "雨桐",
        "宇轩",
        "欣怡",
        "思远",
        "一诺",
        "佳怡",
        "若曦",
        "嘉豪",
        "晓雯",
    ),
)
ENGLISH = (
    "Emma Clarke",
    "Tom O'Neill",
    "Sofia Rossi",
    "Jean-Luc Moreau",
    "Anna Müller",
    "Ravi Patel",
    "Yuki Tanaka",
)
TITLES = ("女士", "先生", "太太", "")

NASTY_NAMES = (
    '<script>alert("cake")</script>',
    "Robert'); DROP TABLE orders;--",
    "🎂🎉 派对阿姨 👩‍👩‍👧‍👦",
    "عبد الرحمن",
    "\u202eeman desrever\u202c",
    "Zero\u200bWidth\u200dJoiner",
    "欧阳诸葛司马上官" * 6,
    'Anne-Marie "Mimi" d’Aubigné & Söhne',
    "{{ 7 * 7 }} %(name)s {0} $HOME",
    "𠮷野𩸽太郎",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴a̴l̵g̶o",
    "null",
)

WRITINGS = (
    "生日快乐", "妈妈生日快乐", "爸爸我爱你", "宝贝一岁啦", "祝爷爷福如东海", "永远十八岁", "平安喜乐", "百年好合",
    "毕业快乐", "小满月快乐", "天天开心", "老婆辛苦了", "儿子六岁生日快乐", "Happy Birthday", "Happy 30th, Lily!",
    "Congratulations!", "You did it!", "生日快樂", "祝媽媽生日快樂", "新婚快乐", "早日康复", "乔迁之喜",
)  # fmt: skip
NASTY_WRITINGS = (
    "生日快乐🎂",
    "<b>妈妈</b> & 爸爸",
    "'; DROP TABLE cake;--",
    "عيد ميلاد سعيد",
    "WWWWWWWWWWWWWWWWWWWWWWWW",
    "祝我们最最亲爱的奶奶健康",
    'O\'Neil "the Cake"',
    "👨‍👩‍👧‍👦 同乐",
    "{{ 7*7 }} %s",
    "龘靐齉爩鱻麤",
)
NOTES = ("少放一点奶油", "Please ring, the bell is broken.", "门口有小狗，请轻放", "要一次性餐具六份")


def invent_guest(rng: Random, number: int) -> dict[str, str]:
    """Return name, phone and note of the ``number``-th customer; the first ones have the nasty names."""
    if number < len(NASTY_NAMES):
        name = NASTY_NAMES[number]
    elif rng.random() < 0.07:
        name = rng.choice(ENGLISH)
    else:
        name = rng.choice(SURNAMES) + rng.choice((*GIVEN, *TITLES[:3]))
    phone = f"+861{rng.choice(('38', '39', '50', '58', '86', '87'))}{rng.randrange(10**8):08d}"
    return {"name": name, "phone": phone, "note": rng.choice(NOTES) if rng.random() < 0.06 else ""}


def invent_writing(rng: Random) -> str:
    """Return what one customer wants on the cake."""
    return rng.choice(NASTY_WRITINGS if rng.random() < 0.03 else WRITINGS)
