"""The customers of the demo company, of every risk kind."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from credit_app.models import Branch, Contact, Customer, Person, customer_numbers


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer; `size` is its usual invoice in its currency, `parent` a name in this list."""

    name: str
    country: str
    city: str
    industry: str
    behaviour: str  # a key of ledger.BEHAVIOURS
    size: int
    currency: str = "EUR"
    parent: str = ""


_STEADY = (
    ("Alpenwerk Maschinenbau AG", "AT", "Graz", "Machinery", 9400),
    ("Bergmann & Söhne GmbH", "DE", "Bremen", "Construction", 3200),
    ("Cascade Hydraulics SAS", "FR", "Grenoble", "Machinery", 6100),
    ("Delta Pharma Verpackung GmbH", "DE", "Leipzig", "Packaging", 4800),
)
_PROMPT = (
    ("Elbkontor Handels GmbH", "DE", "Hamburg", "Wholesale", 2700),
    ("Fjordtech AS", "NO", "Bergen", "Marine technology", 7300),
    ("Groupe Lumen SA", "FR", "Lyon", "Electrical goods", 11800),
    ("Hanse Kabelwerke AG", "DE", "Lübeck", "Electrical goods", 15200),
)
_FAIR = (
    ("Iberia Frío SL", "ES", "Valencia", "Food", 3900),
    ("Jansen Tuinbouw BV", "NL", "Westland", "Agriculture", 2100),
    ("Kraftwerk Service Nord GmbH", "DE", "Kiel", "Energy", 18600),
    ("Lumière Optique SARL", "FR", "Annecy", "Instruments", 1800),
    ("Morava Steel s.r.o.", "CZ", "Ostrava", "Metal", 12700),
    ("Nova Dental GmbH", "DE", "Hannover", "Health", 1400),
    ("Oberland Molkerei eG", "DE", "Kempten", "Food", 5600),
    ("Polar Logistik GmbH", "DE", "Rostock", "Transport", 4300),
)
_SLOW = (
    ("Quadrant Bau GmbH", "DE", "Duisburg", "Construction", 8800),
    ("Rhône Textiles SA", "FR", "Vienne", "Textiles", 5200),
    ("Salento Ceramiche SpA", "IT", "Lecce", "Building materials", 6900),
    ("Thrakia Foods AE", "GR", "Komotini", "Food", 2600),
    ("Umbria Mobili Srl", "IT", "Perugia", "Furniture", 3700),
    ("Valencia Azulejos SL", "ES", "Castellón", "Building materials", 4100),
    ("Werft Stralsund GmbH", "DE", "Stralsund", "Marine technology", 21400),
    ("Zagros Trading GmbH", "DE", "Köln", "Wholesale", 3000),
    ("Atelier Mécanique Dupuis", "FR", "Saint-Étienne", "Machinery", 2900),
)
_DISPUTED = (
    ("Baltic Fenster UAB", "LT", "Kaunas", "Building materials", 4700),
    ("Carrosserie Vidal SAS", "FR", "Valence", "Vehicles", 6600),
    ("Druckhaus Mitte GmbH", "DE", "Berlin", "Printing", 2400),
    ("Emerald Interiors Ltd", "IE", "Cork", "Furniture", 5300),
)
_OVERDUE = (
    ("Fabrica Norte SA", "PT", "Braga", "Textiles", 7800),
    ("Gastro Union GmbH", "DE", "Essen", "Hospitality", 1900),
    ("Holzbau Petersen KG", "DE", "Flensburg", "Construction", 6200),
    ("Imprimerie du Forez", "FR", "Roanne", "Printing", 2300),
    ("Kanal & Tiefbau Krüger GmbH", "DE", "Magdeburg", "Construction", 9900),
)
_WORSENING = (
    ("Lindgren Möbel AB", "SE", "Jönköping", "Furniture", 4400),
    ("Metallbau Wagner GmbH", "DE", "Kassel", "Metal", 8300),
    ("Neckar Automotive GmbH", "DE", "Heilbronn", "Vehicles", 26500),
)
_NEW = (
    ("Ostsee Windpark Service GmbH", "DE", "Greifswald", "Energy", 12000),
    ("Pixel & Print UG", "DE", "Potsdam", "Printing", 900),
    ("Roussillon Agro SAS", "FR", "Perpignan", "Agriculture", 3400),
    ("Suzhou Precision Tools Co., Ltd. 苏州精密工具", "CN", "Suzhou", "Machinery", 54000),
)
_DEFAULTED = (
    ("Teutoburg Stahlhandel GmbH", "DE", "Bielefeld", "Metal", 14300),
    ("Usine Marchand SA", "FR", "Mâcon", "Machinery", 8600),
)


def _all_of(kind: str, rows: tuple[tuple[str, str, str, str, int], ...]) -> list[DemoCustomer]:
    return [
        DemoCustomer(name, country, city, industry, kind, size)
        for name, country, city, industry, size in rows
    ]


CUSTOMERS = (
    *_all_of("steady", _STEADY),
    *_all_of("prompt", _PROMPT),
    *_all_of("fair", _FAIR),
    *_all_of("slow", _SLOW),
    *_all_of("disputed", _DISPUTED),
    *_all_of("overdue", _OVERDUE),
    *_all_of("worsening", _WORSENING),
    *_all_of("defaulted", _DEFAULTED),
    # Two groups: what their members owe counts together.
    DemoCustomer("Vestergaard Holding A/S", "DK", "Aarhus", "Holding", "prompt", 24000),
    DemoCustomer(
        "Vestergaard Energi A/S", "DK", "Esbjerg", "Energy", "prompt", 19500, "EUR", "Vestergaard Holding A/S"
    ),
    DemoCustomer(
        "Vestergaard Marine GmbH",
        "DE",
        "Emden",
        "Marine technology",
        "slow",
        13200,
        "EUR",
        "Vestergaard Holding A/S",
    ),
    DemoCustomer(
        "Vestergaard Polska Sp. z o.o.",
        "PL",
        "Gdynia",
        "Energy",
        "worsening",
        8700,
        "EUR",
        "Vestergaard Energi A/S",
    ),
    DemoCustomer(
        "Huaxin Industrial Group 华鑫实业集团", "CN", "Shanghai", "Holding", "prompt", 310000, "CNY"
    ),
    DemoCustomer(
        "Huaxin Electric (Ningbo) 华鑫电气",
        "CN",
        "Ningbo",
        "Electrical goods",
        "slow",
        180000,
        "CNY",
        "Huaxin Industrial Group 华鑫实业集团",
    ),
    DemoCustomer(
        "Huaxin Pumps (Wuxi) 华鑫泵业",
        "CN",
        "Wuxi",
        "Machinery",
        "prompt",
        95000,
        "CNY",
        "Huaxin Industrial Group 华鑫实业集团",
    ),
    # Foreign currencies.
    DemoCustomer("Ashford Engineering Ltd", "GB", "Sheffield", "Machinery", "prompt", 7600, "GBP"),
    DemoCustomer("Blue Ridge Controls Inc.", "US", "Charlotte", "Instruments", "prompt", 11200, "USD"),
    DemoCustomer("Clyde Marine Supplies Ltd", "GB", "Glasgow", "Marine technology", "overdue", 5100, "GBP"),
    DemoCustomer("Great Lakes Packaging LLC", "US", "Cleveland", "Packaging", "slow", 9300, "USD"),
    DemoCustomer("Skåne Kyl AB", "SE", "Malmö", "Food", "prompt", 46000, "SEK"),
    DemoCustomer(
        "Shenzhen Brightway Lighting 深圳明途照明",
        "CN",
        "Shenzhen",
        "Electrical goods",
        "disputed",
        120000,
        "CNY",
    ),
    DemoCustomer("Zürich Präzision AG", "CH", "Winterthur", "Instruments", "prompt", 8800, "CHF"),
    *_all_of("new", _NEW),
)

_STATUS = {"defaulted": "in_default"}
_FIRST_NAMES = ("Julia", "Marc", "Olga", "Henrik", "Lucie", "Paolo", "Mei", "Thomas", "Carmen", "Noor")
_LAST_NAMES = (
    "Schmidt",
    "Bernard",
    "Ivanova",
    "Olsen",
    "Rossi",
    "Huang",
    "Garcia",
    "Meyer",
    "Dubois",
    "Singh",
)


def branch_of(customer: DemoCustomer) -> str:
    """Which branch serves the customer's country."""
    return {"FR": "LYO", "IT": "LYO", "ES": "LYO", "PT": "LYO", "CH": "LYO", "CN": "SHA"}.get(
        customer.country, "HAM"
    )


def add_customers(
    session: Session, random: Random, branches: dict[str, Branch], reps: dict[str, Person], since: datetime
) -> dict[str, Customer]:
    """All customers with their group, branch, sales rep and contacts, by name."""
    made: dict[str, Customer] = {}
    numbers = customer_numbers(session, len(CUSTOMERS))
    for number, demo in zip(numbers, CUSTOMERS, strict=True):
        branch = branch_of(demo)
        customer = Customer(
            number=number,
            name=demo.name,
            registration_number=f"{demo.country}-{random.randrange(10**7, 10**8)}",
            country=demo.country,
            city=demo.city,
            industry=demo.industry,
            branch=branches[branch],
            sales_rep=reps[branch],
            is_new=demo.behaviour == "new",
            status=_STATUS.get(demo.behaviour, "active"),
            parent=made.get(demo.parent),
            created_at=since,
        )
        name = f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)}"
        email = f"{name.lower().replace(' ', '.')}@{number.lower()}.example"
        phone = f"+00 {random.randrange(100, 999)} {random.randrange(10**5, 10**6)}"
        customer.contacts = [Contact(name=name, role="Accounts payable", email=email, phone=phone)]
        session.add(customer)
        made[demo.name] = customer
    session.flush()
    return made
