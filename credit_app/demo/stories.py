"""What happened to each demo application: data for the generator."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """One application: the acts after it was opened `days_ago`, `gap` days apart.

    Acts: enter[:share of the limit] (the rep submits), gather[:node], rate[:lower because reason] and
    propose[:kind amount provider] (an analyst), submit[:share] (all of these at once),
    confirm_conditions[:why not given], approve, approve_until:level, approve_with_changes:share because reason,
    send_back:reason, refuse:reason, withdraw:reason, claim, incomplete (the draft lacks fields).
    """

    customer: str
    limit: int
    days_ago: int
    acts: tuple[str, ...]
    purpose: str
    terms_days: int = 30
    currency: str = "EUR"
    payment_method: str = "open_account"
    security: str = ""
    gap: float = 1.0
    rep: str = ""
    new_customer: tuple[tuple[str, str], ...] = ()


_ALL = "approve_until:nobody"

STORIES = (
    # Decided.
    Story(
        "Alpenwerk Maschinenbau AG",
        95_000,
        88,
        ("submit", _ALL),
        "Yearly review, more machines ordered",
        gap=2,
    ),
    Story("Lumière Optique SARL", 6_000, 80, ("submit", _ALL), "Regular orders of lenses and mounts"),
    Story(
        "Quadrant Bau GmbH",
        90_000,
        71,
        ("submit", "refuse:Pays late as it is; open items must fall first."),
        "Second building site in Dortmund",
    ),
    Story(
        "Groupe Lumen SA",
        60_000,
        64,
        ("submit", "approve_with_changes:0.75 because Half a year of orders at first.", _ALL),
        "Lighting for two new stores",
        gap=2,
    ),
    Story(
        "Werft Stralsund GmbH",
        260_000,
        55,
        ("submit", "send_back:Please add the order confirmation.", "submit:0.8", _ALL),
        "Refit of two ferries",
        45,
        gap=3,
        security="Bank guarantee over EUR 100,000",
    ),
    Story(
        "Polar Logistik GmbH",
        14_000,
        47,
        ("submit", "withdraw:The customer buys through its parent now."),
        "Spare parts for the depot in Rostock",
    ),
    Story(
        "Blue Ridge Controls Inc.", 40_000, 39, ("submit", _ALL), "Frame order for 2 years", currency="USD"
    ),
    Story(
        "Fabrica Norte SA",
        60_000,
        33,
        ("submit", "refuse:No payment for more than two months."),
        "Winter collection",
        gap=2,
    ),
    Story("Iberia Frío SL", 22_000, 26, ("submit", _ALL), "New cold store in Sagunto"),
    Story("Skåne Kyl AB", 260_000, 20, ("submit", _ALL), "Season purchases", currency="SEK", gap=2),
    Story("Morava Steel s.r.o.", 75_000, 15, ("withdraw:Entered twice by mistake.",), "Steel service centre"),
    Story("Elbkontor Handels GmbH", 14_000, 100, ("submit", _ALL), "Opening stock for the new shop", gap=2),
    Story(
        "Umbria Mobili Srl",
        25_000,
        30,
        ("enter", "gather", "rate", "propose:guarantee 15000 Banca Umbra", _ALL, "confirm_conditions"),
        "Showroom in Terni",
        gap=2,
        security="Bank guarantee",
    ),
    Story(
        "Ashford Engineering Ltd",
        30_000,
        24,
        (
            "enter",
            "gather",
            "rate:lower because Its largest customer has just gone into administration.",
            "propose",
            _ALL,
        ),
        "Spare parts, framework of one year",
        currency="GBP",
        gap=2,
    ),
    # Granted by rule.
    Story("Elbkontor Handels GmbH", 16_000, 2, ("enter",), "Wholesale of small tools"),
    # Being assessed.
    Story("Zagros Trading GmbH", 25_000, 3, ("enter",), "Import of dried fruit", gap=0.5),
    Story("Rhône Textiles SA", 45_000, 4, ("enter", "gather:record_report"), "Autumn collection", gap=1),
    Story("Nova Dental GmbH", 12_000, 5, ("enter", "gather"), "Second practice in Celle", gap=1),
    Story("Jansen Tuinbouw BV", 22_000, 6, ("enter", "gather", "rate"), "Heating of the greenhouses", gap=1),
    # Approved, waiting for a security.
    Story(
        "Thrakia Foods AE",
        20_000,
        12,
        ("enter", "gather", "rate", "propose:pledge 12000 Thrakia Foods AE", _ALL),
        "Olives and oil for the winter",
        gap=2,
        security="Pledge of stock",
    ),
    # Waiting for a level.
    Story("Cascade Hydraulics SAS", 45_000, 3, ("submit",), "Hydraulic presses for a new line"),
    Story("Druckhaus Mitte GmbH", 12_000, 2, ("submit", "claim"), "Ink and plates for the autumn catalogues"),
    Story("Oberland Molkerei eG", 30_000, 6, ("submit",), "Filling line, second shift", gap=1),
    Story(
        "Hanse Kabelwerke AG",
        190_000,
        2,
        ("submit", "approve_until:credit_manager"),
        "Offshore cable project",
        45,
    ),
    Story(
        "Kraftwerk Service Nord GmbH",
        240_000,
        4,
        ("submit", "approve_until:credit_manager", "claim"),
        "Turbine overhaul in Brunsbüttel",
    ),
    Story(
        "Vestergaard Energi A/S",
        620_000,
        6,
        ("submit", "approve_until:finance_director"),
        "Two wind parks in Jutland",
        gap=2,
        security="Guarantee of the holding",
    ),
    Story(
        "Huaxin Industrial Group 华鑫实业集团",
        9_500_000,
        7,
        ("submit", "approve_until:cfo"),
        "Framework contract for three plants",
        60,
        "CNY",
        gap=2,
    ),
    Story(
        "Neckar Automotive GmbH",
        180_000,
        5,
        ("submit",),
        "Longer terms asked by the car maker",
        90,
        security="Retention of title",
    ),
    # Back at the sales rep.
    Story(
        "Salento Ceramiche SpA",
        35_000,
        8,
        ("submit", "send_back:Terms of 45 days do not fit the grade; ask for 30."),
        "Kiln parts",
        45,
        gap=3,
    ),
    Story(
        "Metallbau Wagner GmbH",
        28_000,
        4,
        ("submit", "send_back:Which security can the customer offer?"),
        "Façade of the new town hall",
    ),
    # New customers.
    Story(
        "",
        80_000,
        2,
        ("submit",),
        "First order for a new plant",
        30,
        rep="sara.lind",
        new_customer=(
            ("name", "Nordwind Turbinen GmbH"),
            ("registration_number", "HRB 48 213"),
            ("country", "DE"),
            ("city", "Husum"),
            ("industry", "Energy"),
        ),
    ),
    Story(
        "Suzhou Precision Tools Co., Ltd. 苏州精密工具",
        400_000,
        3,
        ("submit",),
        "First order of cutting tools",
        currency="CNY",
    ),
    # Drafts.
    Story("Bergmann & Söhne GmbH", 9_000, 1, (), "Scaffolding for the summer"),
    Story("Pixel & Print UG", 2_500, 1, ("incomplete",), ""),
    Story(
        "",
        150_000,
        1,
        ("incomplete",),
        "",
        currency="CNY",
        rep="wang.fang",
        new_customer=(
            ("name", "杭州远帆机械有限公司 Hangzhou Yuanfan Machinery"),
            ("registration_number", ""),
            ("country", "CN"),
            ("city", "Hangzhou"),
            ("industry", "Machinery"),
        ),
    ),
)
