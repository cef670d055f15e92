"""What people write on the demo desk: per project, requests with the replies and solutions that belong to them."""

from dataclasses import dataclass

from chalicelib.domain.tickets import Type

QUESTION, INCIDENT, CHANGE = Type.QUESTION, Type.INCIDENT, Type.CHANGE


@dataclass(frozen=True, slots=True)
class Story:
    """One kind of request: how it is put, what is asked back and answered, noted, and how it ends."""

    type: Type
    subject: str
    text: str
    question: str
    answer: str
    note: str
    solution: str
    file: str = ""
    language: str = "cs"


STORIES: dict[str, tuple[Story, ...]] = {
    "WEB": (
        Story(
            INCIDENT,
            "E-shop nepřijímá platbu kartou",
            "Dobrý den,\n\nod dnešního rána zákazníci při platbě kartou vidí hlášku „Transakce se nezdařila“. "
            "Převodem a dobírkou to jde. Přikládám snímek obrazovky.\n\nDěkuji",
            "Můžete prosím poslat čas alespoň jedné neúspěšné platby a banku zákazníka?",
            "Dnes v 8:12, karta Visa od České spořitelny. Druhá v 8:40, ta byla od Air Bank.",
            "Brána hlásí prošlý certifikát, volám jim na podporu.",
            "Platební brána měla prošlý certifikát, vyměnili jsme ho a platby zase procházejí. Vyzkoušeno kartou Visa i MC.",
            "platba-karta.png",
        ),
        Story(
            INCIDENT,
            "Kontaktní formulář neodesílá zprávy",
            "Formulář na stránce Kontakt se tváří, že zprávu odeslal, ale do schránky nic nepřijde. Zkoušeno třikrát.",
            "Na jakou adresu mají zprávy chodit? V nastavení vidíme dvě.",
            "Jen na info@, tu druhou prosím smažte.",
            "SPF záznam domény nezná náš server.",
            "Doplnili jsme SPF záznam domény, zprávy znovu přicházejí.",
        ),
        Story(
            CHANGE,
            "Nová podstránka Kariéra",
            "Potřebovali bychom podstránku Kariéra se seznamem volných míst a formulářem pro životopis.\n\n"
            "Texty jsou v příloze, fotky dodáme do pátku.",
            "Kdo z vaší strany bude místa upravovat? Podle toho připravíme oprávnění.",
            "Kolegyně Dana z personálního, účet v administraci už má.",
            "Odhad 6 hodin, vejde se do paušálu.",
            "Podstránka je na testovacím webu, po vašem souhlasu ji zveřejníme.",
            "kariera-texty.pdf",
        ),
        Story(
            QUESTION,
            "Jak přidám druhého správce e-shopu?",
            "Kolegyně potřebuje spravovat objednávky, ale neměla by vidět tržby. Jde to nějak nastavit?",
            "Má kolegyně už v administraci účet?",
            "Zatím nemá, přihlašuje se pod mým.",
            "Role Sklad + Objednávky, bez Přehledů.",
            "V Nastavení → Uživatelé vytvořte účet s rolí Objednávky. Návod je v příloze, kdyby bylo cokoli nejasné, ozvěte se.",
            "navod-role.pdf",
        ),
        Story(
            INCIDENT,
            "Web se na mobilu načítá přes 10 sekund",
            "Hlavní stránka se na mobilních datech načítá strašně dlouho, Google nám kvůli tomu posílá upozornění.",
            "Stává se to i na Wi-Fi? A na jakém telefonu?",
            "Na Wi-Fi je to lepší, ale pořád tak 5 sekund. Zkoušel jsem iPhone 13 a Samsung.",
            "Titulní fotka má 8 MB.",
            "Zmenšili jsme fotografie a zapnuli vyrovnávací paměť. Načtení trvá pod 2 sekundy.",
        ),
        Story(
            CHANGE,
            "Change the opening hours in the footer",
            "Hello,\n\nplease change our opening hours to Mon–Fri 8–18 in the footer and on the Contact page.\n\nThank you!",
            "Do the new hours hold for both branches?",
            "Yes, for both of them.",
            "Footer is shared by the cs and en versions.",
            "Done on both language versions.",
            language="en",
        ),
        Story(
            QUESTION,
            "Can the price list be downloaded as a file?",
            "Hello,\n\nour wholesale customers ask for the price list as a spreadsheet. Can the shop make one by itself?",
            "Should it hold all products, or only those in stock?",
            "Only those in stock, please, with the price before tax.",
            "The export module does it, an hour with the template.",
            "There is a link to the spreadsheet in the customer's account now; it is made anew every night.",
            language="en",
        ),
        Story(
            INCIDENT,
            "Objednávky se nepřenášejí do účetnictví",
            "Od pondělí se objednávky nepropisují do Pohody, účetní je musí opisovat ručně. Poslední přenesená je 20231187.",
            "Pošlete nám prosím soubor protokolu z počítače, kde běží Pohoda.",
            "Posílám obsah: „mServer: připojení odmítnuto, port 444.“ Víc tam od pondělí není.",
            "mServer nenaběhl po aktualizaci Windows.",
            "Služba pro přenos se po aktualizaci nespustila. Nastavili jsme automatický start a chybějící objednávky doplnili.",
            "pohoda-log.txt",
        ),
        Story(
            QUESTION,
            "Kolik by stálo napojení na Zásilkovnu?",
            "Chtěli bychom zákazníkům nabídnout výdejní místa Zásilkovny. Prosím o odhad ceny a termínu.",
            "Kolik zásilek měsíčně přibližně odesíláte?",
            "Kolem 300, před Vánoci dvakrát tolik.",
            "Modul máme hotový, jen nastavení a test.",
            "Napojení zabere asi 5 hodin práce a jde nasadit do dvou týdnů. Podrobnosti jsme poslali v nabídce.",
        ),
    ),
    "SERVIS": (
        Story(
            INCIDENT,
            "CNC frézka hlásí chybu E-417",
            "Frézka v hale B se po zapnutí zastaví s chybou E-417 a nejde odjistit. Výroba stojí.",
            "Svítí na rozvaděči kontrolka K3? A co ukazuje tlak vzduchu?",
            "K3 nesvítí, tlak je 6,2 bar.",
            "Pravděpodobně koncový spínač osy Z, vezmu náhradní díl.",
            "Vyměněn koncový spínač osy Z, stroj zkoušen pod zatížením 2 hodiny bez závady.",
            "chyba-e417.png",
        ),
        Story(
            INCIDENT,
            "Lis L-12 ztrácí tlak",
            "Hydraulický lis postupně ztrácí tlak, po hodině práce je pod 160 bar. Úkapy pod agregátem.",
            "Prosíme o fotografii agregátu a stav oleje.",
            "Olej je centimetr pod ryskou, je čirý. Kape to zpod hlavního válce.",
            "Objednat sadu těsnění 40×52×8.",
            "Vyměněna těsnění hlavního válce, tlak drží 210 bar. Protokol v příloze.",
            "protokol-lis-L12.pdf",
        ),
        Story(
            CHANGE,
            "Přeložení pravidelné prohlídky na jiný týden",
            "Kvůli celozávodní dovolené prosíme o přesun roční prohlídky o týden později.",
            "Vyhovovalo by úterý, nebo středa?",
            "Raději středa, od sedmi ráno.",
            "Koordinovat s revizí tlakových nádob.",
            "Prohlídka je přesunuta, nový termín jsme potvrdili vedoucímu haly.",
        ),
        Story(
            QUESTION,
            "Jaký olej patří do převodovky dopravníku?",
            "Na štítku dopravníku D-3 už není typ oleje čitelný. Jaký máme koupit a kolik ho tam přijde?",
            "Jaké je výrobní číslo převodovky? Bývá vyražené na přírubě.",
            "Na přírubě je 4471-D3-2016.",
            "",
            "Patří tam CLP 220, náplň 3,4 litru. List s mazacím plánem posíláme v příloze.",
            "mazaci-plan.pdf",
        ),
        Story(
            INCIDENT,
            "Měřicí sonda neukazuje hodnoty",
            "Sonda na soustruhu S-2 od rána nepřenáší hodnoty do systému, na displeji jsou pomlčky.",
            "Zkoušeli jste vyměnit baterii v sondě?",
            "Ano, s novou je to stejné.",
            "Baterie, nebo kabel přijímače.",
            "Přijímač měl uvolněný konektor, zajištěno a sonda zkalibrována.",
        ),
    ),
    "IT": (
        Story(
            INCIDENT,
            "Laptop does not wake from sleep",
            "My laptop stays black when I open the lid; only holding the power button helps. It happens about twice a day.",
            "Which model is it, and is it on the docking station when it happens?",
            "A ThinkPad T14, and yes, always on the dock.",
            "Firmware 1.19 fixes exactly this.",
            "Updated the firmware and the dock's driver. Please watch it for a few days.",
            language="en",
        ),
        Story(
            CHANGE,
            "Account for a new colleague from the 1st",
            "Veronika Malá starts on the first of next month in accounting. She needs mail, VPN and the accounting system.",
            "Which groups should she be in: the same as Hana?",
            "The same as Hana, without payroll for now.",
            "Licence count is fine, two left.",
            "The account is ready; the initial password is with Petra in an envelope.",
            language="en",
        ),
        Story(
            QUESTION,
            "Nejde mi sdílená tiskárna ve druhém patře",
            "Tiskárna u kuchyňky se mi v seznamu neukazuje, kolegům ano. Potřebuji tisknout smlouvy.",
            "Jste připojený kabelem, nebo přes Wi-Fi?",
            "Přes Wi-Fi, kabel u stolu nemám.",
            "Je v síti pro hosty.",
            "Počítač byl v síti pro hosty. Po přepojení se tiskárna přidala sama.",
        ),
        Story(
            INCIDENT,
            "VPN drops every ten minutes",
            "Since the update on Monday the VPN disconnects every ten minutes when I work from home.\n\nLog attached.",
            "Could you try the other gateway (vpn2) and tell us whether it drops as well?",
            "vpn2 drops as well, after about a quarter of an hour.",
            "Keepalive is blocked by the provider's router.",
            "We changed the keepalive to 20 seconds. It held for a whole day in our test.",
            "vpn-log.txt",
            "en",
        ),
        Story(
            CHANGE,
            "Second monitor for the meeting room",
            "The meeting room on the ground floor needs a second screen for calls with customers. A 27-inch one would do.",
            "Should it be on the wall or on a stand?",
            "On the wall, next to the first one.",
            "Budget approved by Marie.",
            "Mounted and tested with a call.",
            language="en",
        ),
    ),
}

REJECTED = {
    "cs": "Bohužel to zatím není v pořádku, při dalším pokusu se to objevilo znovu.",
    "en": "Unfortunately it is not fixed yet, it happened again on the next try.",
}
AGAIN = {
    "cs": "Našli jsme ještě druhou příčinu a odstranili ji. Zkuste to prosím znovu.",
    "en": "We have found a second cause and removed it. Please try once more.",
}
ACCEPTED = {"cs": "Děkuji, všechno funguje.", "en": "Thank you, all works now."}
WITHDRAWN = {"cs": "Už to není potřeba, vyřešilo se to samo.", "en": "No longer needed, it went away by itself."}
UNHEARD = {
    "cs": "Delší dobu jste se neozvali, požadavek proto uzavíráme. Kdyby bylo cokoli dál potřeba, napište nám nový.",
    "en": "We have not heard from you for a while, so we close the request. Do file a new one if anything comes up.",
}
