#!/usr/bin/env python3
"""Write v3.1 Customer Interaction payloads, the same bytes for the same arguments on every machine.

    generate.py --mb 200 --seed 1 -o FILE [--array]

Without --array one payload a line, with it one array. Every id is given, so that a peer in any language can make the
same Interactions; a payload has 2 to 60 messages in several scripts, with everything that JSON has to escape.
"""

import argparse
import datetime
import json
import random

WORDS = (
    "order refund delivery invoice account password reset booking seat hotel please thanks sorry where is my the a to "
    'naïve café Straße größer привет заказ 注文 返金 客服 您好 مرحبا طلب 🙂 👍🏽 "quoted" back\\slash tab\there '
    "<b>bold</b> & line\nbreak"
).split(" ")
NAMES = ["John Doe", "Sarah Smith", "Lucía Fernández", "محمد علي", "王小明", "Jean-Luc P.", "Ольга"]
FIRST_DAY = datetime.datetime(2024, 1, 1)


class Source:
    """Payloads from one seed. The order in which numbers are drawn is the format: changing it changes every file."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def hexadecimal(self, count):
        return "".join(self.random.choice("0123456789abcdef") for _ in range(count))

    def uuid(self):
        head, low = self.hexadecimal(8), self.hexadecimal(4)
        version, variant = "4" + self.hexadecimal(3), "a" + self.hexadecimal(3)
        return "-".join((head, low, version, variant, self.hexadecimal(12)))

    def speakers(self):
        """The user, the agent and, in every fifth conversation, a bot, as (id, role, name)."""
        draw = self.random
        people = [(self.uuid(), "EndUser", draw.choice(NAMES)), (self.uuid(), "Agent", draw.choice(NAMES))]
        if draw.random() < 0.2:
            people.append((self.uuid(), "Bot", "Helper"))
        return people

    def messages(self):
        draw = self.random
        time = FIRST_DAY + datetime.timedelta(seconds=draw.randrange(31_000_000))
        people = self.speakers()
        messages = []
        for _ in range(draw.randint(2, 60)):
            time += datetime.timedelta(seconds=draw.randint(1, 400))
            identifier, role, name = draw.choice(people)
            content = " ".join(draw.choices(WORDS, k=draw.randint(3, 40)))
            milliseconds = draw.randrange(1000)
            messages.append(
                {
                    "content": content,
                    "display_name": name,
                    "participant_id": identifier,
                    "role": role,
                    "timestamp": f"{time:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z",
                }
            )
        return messages

    def session(self):
        return {
            "session_id": self.uuid(),
            "channel": {
                "browser": "Safari 17.0",
                "device_info": "iOS/18.2, iPhone15,3",
                "device_type": "mobile",
                "language": "en-US",
                "location": "40.7128,-74.0060",
                "medium": "chat",
                "section": "support_page",
            },
            "interface": {
                "app_version": "2.1.0",
                "category": "crm",
                "language": "en-US",
                "name": "my_support_app",
                "type": "custom_components",
            },
        }

    def request(self, messages):
        draw = self.random
        created = {
            "content": "Ticket created",
            "id": "1",
            "name": "ticket_created",
            "role": "System",
            "timestamp": messages[0]["timestamp"],
        }
        return {
            "request_id": self.uuid(),
            "attributes": {"variant": "A"},
            "connections": {"thread_id": self.uuid()},
            "context": {"organization_id": self.uuid()},
            "reference": {
                "ids": [{"name": "ticket_id", "value": f"T{draw.randrange(10**6)}"}],
                "labels": [],
                "tags": ["vip"] if draw.random() < 0.1 else [],
            },
            "scope": {"conversations": messages, "interactions": [created]},
            "settings": {"disable_stream": False, "max_response_length": 2000},
        }

    def payload(self):
        messages = self.messages()
        return {"session": self.session(), "request": self.request(messages)}


def main():
    parser = argparse.ArgumentParser(description="Write v3.1 payloads for the benchmark.")
    parser.add_argument("--mb", type=float, default=200, help="size in units of 1,000,000 bytes (default 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--array", action="store_true", help="one JSON array instead of one payload a line")
    parser.add_argument("-o", "--output", required=True)
    options = parser.parse_args()

    source = Source(options.seed)
    between, after = (b",\n", b"") if options.array else (b"", b"\n")
    limit = int(options.mb * 1e6)
    written = 0
    with open(options.output, "wb") as file:
        if options.array:
            file.write(b"[")
        while written < limit:
            text = json.dumps(source.payload(), ensure_ascii=False, separators=(",", ":")).encode() + after
            if written:
                text = between + text
            file.write(text)
            written += len(text)
        if options.array:
            file.write(b"]\n")


if __name__ == "__main__":
    main()
