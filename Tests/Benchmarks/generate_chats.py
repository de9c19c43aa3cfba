#!/usr/bin/env python3
"""Write chat logs in CSV or XML, the same bytes for the same arguments on every machine.

    generate_chats.py csv|xml --mb 100 --seed 1 -o FILE [--shuffle] [--zero-ended]

The conversations are the same in both: 5 to 40 messages of two or three people in one of nine languages, whole seconds
of UTC, every id given, with all that CSV has to quote and XML to escape. They lie one after the other; --shuffle (CSV)
mixes the rows of the whole file, with the memory of a small part of it; --zero-ended (CSV) ends each row with a zero
byte as well, for `sort -z`, since many rows hold line ends.
"""

import argparse
import csv
import datetime
import io
import random
import tempfile

# Language, its share, sentences between bars.
LANGUAGES = [
    (
        "en",
        45,
        "Good morning, my parcel should have been here on Monday|Can you tell me where order 2209 is now?"
        '|The page only says "please try again later"|I have sent you a new link by e-mail|Thanks, that was quick'
        "|One moment, I will ask a colleague|The discount isn't on the invoice|It works again"
        "|My card was charged twice",
    ),
    (
        "de",
        12,
        "Guten Abend, die Lieferung ist unvollständig|Ich prüfe das gern für Sie|Es erscheint „Kennwort ungültig“"
        "|Die Rechnung müsste größer ausfallen|Herzlichen Dank und schöne Grüße|Das hilft mir leider nicht weiter",
    ),
    (
        "fr",
        9,
        "Bonsoir, je voudrais changer l'adresse de livraison|Le colis est arrivé abîmé"
        "|« Session expirée », et puis rien"
        "|C'est noté, je m'en occupe tout de suite|Merci à vous, bonne soirée|Où puis-je télécharger la facture ?",
    ),
    (
        "es",
        9,
        "Buenas tardes, ¿cuándo llega el paquete?|He olvidado la contraseña|Se lo envío mañana por la mañana"
        "|¡Qué rápido, mil gracias!|La aplicación se cierra sola|¿Me puede dar el número de pedido?",
    ),
    (
        "ja",
        8,
        "配送先を変更したいのですが|注文番号を教えてください|「接続エラー」と出ます|すぐに確認いたします|助かりました",
    ),
    ("zh", 7, "我想修改收货地址|请问订单什么时候发货?|页面提示“网络异常”|我帮您联系仓库|好的,谢谢您"),
    (
        "ru",
        5,
        "Добрый день, когда привезут заказ?|Сейчас посмотрю, минуту|Пишет «неверный пароль»|Всё получилось, спасибо",
    ),
    ("ar", 3, "مساء الخير، أريد تغيير العنوان|لحظة من فضلك|الصفحة لا تفتح عندي|شكرا لكم على السرعة"),
    ("hi", 2, "मेरा पार्सल कहाँ है?|एक मिनट, मैं देखता हूँ|बहुत बहुत धन्यवाद|पासवर्ड काम नहीं कर रहा है"),
]
# What hurts readers, put behind every third sentence.
TRICKS = (
    'say "yes"|a, b; c|R&D <team>|5 > 3 < 4|]]> &amp; &lt;|C:\\logs\\new.txt|\tindented|it\'s|e\u0301|👍🏽|👩‍👩‍👧|🇪🇸|😀|'
    "https://shop.example.org/t?id=77&lang=x|#4711|12,50 €|=1+1|{json: [1]}|<br/>|''|a\u00a0b"
).split("|")
ENDINGS = [".", ".", ".", "!", "?", "…", "", ","]
FIRST = "Anna Jürgen Chloé Nuria 健太 小明 Ольга سلمى Asha John Zoë Søren Renée D'Anna".split()
LAST = 'Weiß Smith Núñez Dupont 田中 李 Смирнов حداد Gupta O\'Hara Åberg "Bo" Lloyd-Jones'.split()
CHANNELS = ["webchat", "whatsapp", "sms", "email", "messenger"]
ROLES = ["customer", "agent", "bot"]
FIRST_DAY = datetime.datetime(2022, 1, 1)
COLUMNS = "conversation_id timestamp sender_id sender_name sender_role channel language body".split()
# A shuffle keeps this many parts of the file on disk and one of them in memory.
PARTS = 64


class Source:
    """Conversations from one seed. The order in which numbers are drawn is the format: another one is another file."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        self.languages = [name for name, _, _ in LANGUAGES]
        self.shares = [share for _, share, _ in LANGUAGES]
        self.sentences = {name: self.pool(text.split("|")) for name, _, text in LANGUAGES}

    def pool(self, sentences):
        draw = self.random
        result = []
        for _ in range(500):
            trick = " " + draw.choice(TRICKS) if draw.random() < 0.35 else ""
            result.append(draw.choice(sentences) + trick + draw.choice(ENDINGS))
        return result

    def text(self, language):
        draw = self.random
        count = 1 + int(draw.expovariate(0.4))
        if draw.random() < 0.002:
            count += 120  # somebody pastes a log
        separator = "\n" if draw.random() < 0.1 else " "
        return separator.join(draw.choices(self.sentences[language], k=count))

    def people(self):
        draw = self.random
        roles = ROLES[: 2 if draw.random() < 0.8 else 3]
        return [
            (f"{role[0]}-{draw.randrange(200_000):06d}", f"{draw.choice(FIRST)} {draw.choice(LAST)}", role)
            for role in roles
        ]

    def conversation(self):
        draw = self.random
        self.count += 1
        language = draw.choices(self.languages, self.shares)[0]
        channel = draw.choice(CHANNELS)
        people = self.people()
        time = FIRST_DAY + datetime.timedelta(seconds=draw.randrange(94_000_000))
        messages = []
        for _ in range(draw.randint(5, 40)):
            messages.append((f"{time:%Y-%m-%dT%H:%M:%SZ}", draw.choice(people), self.text(language)))
            time += datetime.timedelta(seconds=draw.randint(1, 400))
        return f"conv-{self.count:08d}", channel, language, people, messages


def csv_rows(conversation):
    """Each message as a row."""
    identifier, channel, language, _, messages = conversation
    for time, sender, text in messages:
        yield csv_row([identifier, time, *sender, channel, language, text])


def csv_row(values):
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue().encode()


def attribute(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def element_text(text, draw):
    if draw.random() < 0.05:
        return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("😀", "&#x1F600;")


def xml_element(conversation, draw):
    identifier, channel, language, people, messages = conversation
    lines = [f'  <chat id="{identifier}" channel="{channel}" lang="{language}">\n']
    for person, name, role in people:
        lines.append(f'    <participant id="{person}" name="{attribute(name)}" role="{role}"/>\n')
    for time, (person, _, _), text in messages:
        lines.append(f'    <message ts="{time}" from="{person}">{element_text(text, draw)}</message>\n')
    lines.append("  </chat>\n")
    return "".join(lines).encode()


def write_csv(source, file, limit, end):
    header = csv_row(COLUMNS)
    file.write(header + end)
    written = len(header)
    while written < limit:
        for row in csv_rows(source.conversation()):
            file.write(row + end)
            written += len(row)


def write_shuffled_csv(source, file, limit, end, seed):
    """The rows of write_csv, every order of them as likely as any other: each goes to a part, each part is mixed."""
    # A generator of its own, so that the rows stay those of the file that is not shuffled.
    draw = random.Random(f"shuffle {seed}")
    header = csv_row(COLUMNS)
    file.write(header + end)
    written = len(header)
    parts = [tempfile.TemporaryFile() for _ in range(PARTS)]
    while written < limit:
        for row in csv_rows(source.conversation()):
            draw.choice(parts).write(row + b"\0")
            written += len(row)
    for part in parts:
        part.seek(0)
        rows = part.read().split(b"\0")[:-1]
        part.close()
        draw.shuffle(rows)
        file.writelines(row + end for row in rows)


def write_xml(source, file, limit, seed):
    draw = random.Random(f"escapes {seed}")
    written = file.write(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<chats source="helpdesk" exported="2025-01-02T03:04:05Z">\n'
    )
    while written < limit:
        written += file.write(xml_element(source.conversation(), draw))
    file.write(b"</chats>\n")


def main():
    parser = argparse.ArgumentParser(description="Write chat logs for the benchmark.")
    parser.add_argument("kind", choices=["csv", "xml"])
    parser.add_argument("--mb", type=float, default=100, help="size in units of 1,000,000 bytes (default 100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shuffle", action="store_true", help="mix the rows of the whole file (CSV)")
    parser.add_argument("--zero-ended", action="store_true", help="end each row with a zero byte as well (CSV)")
    parser.add_argument("-o", "--output", required=True)
    options = parser.parse_args()
    if (options.shuffle or options.zero_ended) and options.kind != "csv":
        parser.error("--shuffle and --zero-ended are for CSV")

    source = Source(options.seed)
    limit = int(options.mb * 1e6)
    end = b"\0" if options.zero_ended else b""
    with open(options.output, "wb", buffering=1 << 20) as file:
        if options.kind == "xml":
            write_xml(source, file, limit, options.seed)
        elif options.shuffle:
            write_shuffled_csv(source, file, limit, end, options.seed)
        else:
            write_csv(source, file, limit, end)


if __name__ == "__main__":
    main()
