"""Says which message texts of exported files are in no Interaction, and which in no exported file.

    corpus_texts.py SYSTEM INTERACTIONS SOURCE...

Knows of each system just enough to find what people wrote, and knows nothing of the program under test. A text is a
list of fragments: where the source has markup, the output may have whatever a reader needs there instead. Prints an
object with the number of `texts`, those that are `missing`, and those that are `invented`; what stands for a file is
not. Only the standard library is needed.
"""

import collections
import csv
import html
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

csv.field_size_limit(sys.maxsize)


def words(text):
    """The text with all white space collapsed."""
    return " ".join(text.split())


def of_html(text):
    return [html.unescape(piece) for piece in re.split(r"<[^>]*>", text)]


def of_slack(text):
    """Splits at mentions and links; of a link, what is read of it stays."""
    pieces = []
    for index, piece in enumerate(re.split(r"<([^>]*)>", text)):
        if index % 2 == 1:
            piece = "" if piece[:1] in "@#!" else piece.rpartition("|")[2]
        pieces.append(html.unescape(piece))
    return pieces


def dictionaries(value):
    """Every JSON object in a value, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from dictionaries(item)


def intercom(document):
    for part in dictionaries(document):
        speaks = part.get("part_type", "comment") != "note" and "author" in part
        if speaks and part.get("body") and not part.get("redacted"):
            yield of_html(part["body"])


def slack(document):
    events = {"channel_join", "bot_add"}
    for message in document:
        if message.get("type") != "message" or message.get("subtype") in events:
            continue
        if message.get("text"):
            yield of_slack(message["text"])
            continue
        for attachment in message.get("attachments", []):
            yield of_slack(attachment.get("text") or attachment["fallback"])


def livechat(document):
    for event in dictionaries(document):
        if "author_id" not in event or event.get("recipients") == "agents":
            continue
        if event.get("type") == "message":
            yield [event["text"]]
        for field in event.get("fields", []):
            if field.get("value"):
                yield [field["label"], field["value"]]


def telegram(document):
    for message in dictionaries(document):
        if message.get("type") == "message":
            text = message["text"]
            pieces = [text] if isinstance(text, str) else text
            yield ["".join(piece if isinstance(piece, str) else piece["text"] for piece in pieces)]


def vcon(document):
    for dialog in document.get("dialog") or []:
        if dialog.get("type") == "text" and dialog.get("body"):
            yield [dialog["body"]]


def local(element):
    return element.tag.rpartition("}")[2]


def adium(root):
    return (list(element.itertext()) for element in root.iter() if local(element) == "message")


def xmpp(root):
    return ([element.text] for element in root.iter() if local(element) == "body" and element.text)


def sms(root):
    messages = {
        tuple(map(element.get, ("address", "date", "type", "body"))): element.get("body")
        for element in root.iter("sms")
    }
    return ([body] for body in messages.values() if body)


def bot_framework(document):
    for activity in document:
        if activity["type"] != "message":
            continue
        if activity.get("text"):
            yield [activity["text"]]
        elif activity.get("attachments"):
            yield [item[name] for item in dictionaries(activity["attachments"]) for name in card_words(item)]
        elif activity.get("value"):
            yield ["[card submitted]"]


def card_words(item):
    return ["title", "value"] if "title" in item and "value" in item else ["text"] if "text" in item else []


def freshdesk(document):
    for item in dictionaries(document):
        speaks = "incoming" in item and not item.get("private") and not item.get("deleted")
        if speaks or "requester_id" in item:
            body = item.get("body") or item.get("description")
            if body:
                yield of_html(body)


def twilio(document):
    return ([message["body"]] for message in dictionaries(document) if message.get("body"))


def zendesk_chat(table):
    for row in table:
        if row.get("type") != "ChatMessage":
            continue
        if row["message"]:
            yield [row["message"]]
            continue
        content = json.loads(row["original_message"])["content"]
        yield [content["text"]["text"] if "text" in content else "[form]"]


def empathy_telepathy(root):
    return ([element.text] for element in root.iter("message") if element.text)


def hubspot(table):
    names = ("property_hs_email_text", "property_hs_communication_body", "property_content")
    return ([row[name]] for row in table for name in names if row.get(name))


def mattermost(document):
    joins = re.compile(r"\S+ (joined|left|added to) the (channel|team)")
    for post in dictionaries(document):
        if "create_at" in post and post.get("message") and not joins.match(post["message"]):
            yield [post["message"]]


def agentune(document):
    for turn in dictionaries(document):
        if "sender" in turn and (turn.get("text") or turn.get("content")):
            yield [turn.get("text") or turn["content"]]


def taskmaster(document):
    for utterance in dictionaries(document):
        # Segments have a text, too, which is a part of their utterance's.
        if "speaker" in utterance and utterance.get("text"):
            yield [utterance["text"]]


def rows(table):
    names = ("body", "description", "message", "content")
    for row in table:
        for name in names:
            if row.get(name) and row.get("public") != "FALSE":
                yield [row[name]]


FINDERS = {
    ("zendesk-support", "csv"): rows,
    ("agentune-callcenter", "csv"): rows,
    ("intercom", "json"): intercom,
    ("slack", "json"): slack,
    ("livechat", "json"): livechat,
    ("telegram", "json"): telegram,
    ("vcon", "json"): vcon,
    ("adium", "xml"): adium,
    ("xmpp-archive", "xml"): xmpp,
    ("sms-backup-restore", "xml"): sms,
    ("agentune-callcenter", "json"): agentune,
    ("bot-framework", "transcript"): bot_framework,
    ("empathy-telepathy", "log"): empathy_telepathy,
    ("freshdesk", "json"): freshdesk,
    ("hubspot", "csv"): hubspot,
    ("mattermost", "json"): mattermost,
    ("taskmaster", "json"): taskmaster,
    ("twilio", "json"): twilio,
    ("zendesk-chat", "csv"): zendesk_chat,
}


def documents(text):
    """The JSON document of a file; a list of them where there are several."""
    decoder = json.JSONDecoder()
    found = []
    start = 0
    try:
        while text[start:].strip():
            start += len(text) - start - len(text[start:].lstrip())
            document, start = decoder.raw_decode(text, start)
            found.append(document)
    except json.JSONDecodeError:
        # Such a file is refused, which another test expects.
        return []
    return found[0] if len(found) == 1 else found


def texts(system, path):
    """The texts of a file, each a list of fragments without those that are blank."""
    kind = path.rpartition(".")[2]
    finder = FINDERS.get((system, kind), lambda _: ())
    with open(path, encoding="utf-8-sig", newline="") as file:
        if kind == "csv":
            found = list(finder(csv.DictReader(file)))
        elif kind in ("json", "transcript"):
            found = list(finder(documents(file.read())))
        else:
            # Some files have no root element, or several.
            text = re.sub(r"<\?xml[^>]*\?>", "", file.read())
            found = list(finder(ElementTree.fromstring("<files>" + text + "</files>")))
    for fragments in found:
        fragments = [words(fragment) for fragment in fragments]
        yield [fragment for fragment in fragments if fragment]


def contents(path):
    """What is said in the Interactions of a file, each text as often as it is said."""
    with open(path, encoding="utf-8") as file:
        return collections.Counter(
            words(message["content"])
            for line in file
            for conversation in json.loads(line)["request"]["scope"]["conversations"]
            for message in conversation["messages"]
        )


def take(fragments, said):
    """Takes the message that has the fragments in their order, and says whether there is one."""
    whole = " ".join(fragments)
    if said[whole] == 0:
        pattern = re.compile(".*?".join(map(re.escape, fragments)))
        whole = min((text for text, count in said.items() if count and pattern.search(text)), key=len, default=None)
    if whole is None:
        return False
    said[whole] -= 1
    return True


def main():
    system, interactions, *sources = sys.argv[1:]
    # Long texts first: a short one may be found inside of another.
    wanted = sorted((text for path in sources for text in texts(system, path)), key=lambda text: -len("".join(text)))
    said = contents(interactions)
    missing = [" … ".join(fragments) for fragments in wanted if not take(fragments, said)]
    invented = [text for text in said.elements() if not text.startswith("[attachment: ")]
    json.dump({"texts": len(wanted), "missing": missing, "invented": invented}, sys.stdout)


main()
