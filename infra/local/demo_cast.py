"""The people and projects of the demo desk: a Czech web agency that also keeps machines and its own office running."""

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.domain.organisations import Organisation
from chalicelib.domain.people import Person, ProjectRole, SiteRole
from chalicelib.domain.projects import FieldKind, Form, OwnField, Project

PM, SOLVER, CUSTOMER = ProjectRole.PROJECT_MANAGER, ProjectRole.SOLVER, ProjectRole.CUSTOMER

BROWSERS = ("Chrome", "Edge", "Firefox", "Safari", "Jiný")
CAUSES = ("Chyba v kódu", "Hosting", "Obsah", "Služba třetí strany")

PROJECTS = (
    Project(
        "WEB",
        "Webové stránky a e-shopy",
        Form.OPEN,
        "cs",
        "Chyby, dotazy a přání k webům a e-shopům, které pro vás provozujeme.",
        projector_code="P-2031",
        manager="petra.novotna@example.com",
        hourly_rate=Decimal("1450.00"),
        fields=(
            OwnField("web", "Adresa webu", FieldKind.TEXT),
            OwnField("browser", "Prohlížeč", FieldKind.CHOICE, choices=BROWSERS, filterable=True),
            OwnField("cause", "Příčina", FieldKind.CHOICE, choices=CAUSES, for_customers=False, filterable=True),
        ),
    ),
    Project(
        "SERVIS",
        "Servis strojů – Novák Strojírny",
        Form.MEMBERS,
        "cs",
        "Hlášení závad a plánované zásahy podle servisní smlouvy.",
        projector_code="P-1177",
        manager="pavel.chalupa@example.com",
        hourly_rate=Decimal("1200.00"),
        fields=(
            OwnField("machine", "Výrobní číslo stroje", FieldKind.TEXT, filterable=True),
            OwnField("since", "Stojí od", FieldKind.DATE),
            OwnField("hours", "Motohodiny", FieldKind.NUMBER),
        ),
        shares_requests=True,
    ),
    Project(
        "IT",
        "Office IT",
        Form.MEMBERS,
        "en",
        "Laptops, accounts and everything with a plug, for people of the company.",
        manager="petra.novotna@example.com",
    ),
)

NOVAK = Organisation("novak-strojirny", "Novák Strojírny s.r.o.")
ORGANISATIONS = (NOVAK,)

PEOPLE = (
    Person("admin@example.com", "Adam Vrána", "cs", SiteRole.ADMIN),
    Person("marie.kralova@example.com", "Marie Králová", "cs", SiteRole.MANAGER, reports_on=("WEB", "SERVIS", "IT")),
    Person("petra.novotna@example.com", "Petra Novotná", "cs", roles={"WEB": PM, "IT": PM}),
    Person("pavel.chalupa@example.com", "Pavel Chalupa", "cs", roles={"SERVIS": PM}),
    Person("tomas.dvorak@example.com", "Tomáš Dvořák", "cs", roles={"WEB": SOLVER, "IT": SOLVER}),
    Person("jana.svobodova@example.com", "Jana Svobodová", "cs", roles={"WEB": SOLVER}),
    Person("martin.hruska@example.com", "Martin Hruška", "cs", roles={"SERVIS": SOLVER}),
    Person("lucie.chytilova@example.com", "Lucie Chytilová", "cs", roles={"SERVIS": SOLVER, "WEB": SOLVER}),
    Person("james.miller@example.com", "James Miller", "en", roles={"IT": SOLVER}),
    Person("eva.cerna@zakaznik.example", "Eva Černá", "cs", roles={"WEB": CUSTOMER}),
    Person("karel.simek@zakaznik.example", "Karel Šimek", "cs", roles={"WEB": CUSTOMER}),
    Person(
        "ondrej.novak@novak-strojirny.example",
        "Ondřej Novák",
        "cs",
        roles={"SERVIS": CUSTOMER},
        organisation=NOVAK.id,
    ),
    Person(
        "hana.ruzickova@novak-strojirny.example",
        "Hana Růžičková",
        "cs",
        roles={"SERVIS": CUSTOMER},
        organisation=NOVAK.id,
    ),
    Person("olivia.brown@example.com", "Olivia Brown", "en", roles={"IT": CUSTOMER}),
    Person("david.horak@example.com", "David Horák", "cs", roles={"IT": CUSTOMER}),
)

VISITORS = (
    ("jan.prochazka@firma.example", "Jan Procházka", "cs"),
    ("alena.kucerova@obchod.example", "Alena Kučerová", "cs"),
    ("sarah.jones@shop.example", "Sarah Jones", "en"),
)
"""People who file on the open form without being members of anything."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person that somebody trying the demo may sign in as."""

    email: str
    role: str


ACCOUNTS = (
    Account("admin@example.com", "admin"),
    Account("marie.kralova@example.com", "manager"),
    Account("petra.novotna@example.com", "project_manager"),
    Account("pavel.chalupa@example.com", "project_manager"),
    Account("tomas.dvorak@example.com", "solver"),
    Account("jana.svobodova@example.com", "solver"),
    Account("martin.hruska@example.com", "solver"),
    Account("eva.cerna@zakaznik.example", "customer"),
    Account("ondrej.novak@novak-strojirny.example", "customer"),
    Account("olivia.brown@example.com", "customer"),
)
