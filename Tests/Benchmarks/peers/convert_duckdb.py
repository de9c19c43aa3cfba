#!/usr/bin/env python3
"""Peer: chat logs in CSV to Interactions as one query, on one thread.

    convert_duckdb.py FILE > interactions.ndjson

It makes what the program under test makes, equal by value, for what generate_chats.py writes, all derived ids too.
"""

import sys

import duckdb

# A UUID of version 5 in the namespace of derived ids.
UUID = """
CREATE MACRO uuid_of(digest) AS
    digest[1:8] || '-' || digest[9:12] || '-5' || digest[14:16] || '-'
    || translate(digest[17], '0123456789abcdef', '89ab89ab89ab89ab') || digest[18:20] || '-' || digest[21:32];
CREATE MACRO derived(steps) AS
    uuid_of(sha1(unhex('cfbdc69c16d75e9092b5e4d2a65b1262') || encode(steps)));
CREATE MACRO participant_id(identifier) AS
    derived(concat('org_bench', chr(10), 'bench', chr(10), 'id', chr(10), identifier, chr(10)));
"""
QUERY = """
COPY (
    WITH lines AS (
        SELECT *, row_number() OVER () AS place
        FROM read_csv($file, all_varchar = true, header = true, quote = '"', escape = '"', max_line_size = 4000000)
    ),
    -- Each id derived once.
    known AS MATERIALIZED (
        SELECT sender_id, participant_id(sender_id) AS person FROM (SELECT DISTINCT sender_id FROM lines)
    ),
    people AS (
        SELECT
            conversation_id,
            list({'participantId': person, 'displayName': name, 'role': role} ORDER BY first_place) AS participants,
            list(sender_id ORDER BY first_place) AS ids
        FROM (
            SELECT
                conversation_id,
                sender_id,
                any_value(person) AS person,
                arg_min(sender_name, place) AS name,
                MAP {'customer': 'user', 'agent': 'operator', 'bot': 'bot'}[arg_min(sender_role, place)] AS role,
                min(place) AS first_place
            FROM lines JOIN known USING (sender_id) GROUP BY conversation_id, sender_id
        )
        GROUP BY conversation_id
    ),
    talks AS (
        SELECT
            conversation_id,
            min(place) AS first_place,
            arg_min(channel, place) AS channel,
            arg_min(language, place) AS language,
            list({'content': body, 'participantId': person, 'timestamp': timestamp}
                ORDER BY timestamp::TIMESTAMPTZ, place) AS messages
        FROM lines JOIN known USING (sender_id) GROUP BY conversation_id
    ),
    payloads AS (
        SELECT
            conversation_id,
            first_place,
            {'channel': {'language': language, 'medium': if(channel = 'email', 'email', 'chat')}} AS session,
            {
                'requestId': '00000000-0000-0000-0000-000000000000',
                'connections': {'threadId': conversation_id},
                'context': {'organizationId': 'org_bench'},
                'scope': {
                    'conversations': [{
                        'participants': participants,
                        'messages': messages,
                        'metadata': {
                            'channel': channel,
                            'source': map(
                                list_transform(range(len(ids)), lambda place: 'participants[' || place || '].id'), ids
                            )
                        }
                    }]
                }
            } AS request
        FROM talks JOIN people USING (conversation_id)
    )
    SELECT
        session,
        -- A request's id is that of its payload with zeros in the id's place.
        struct_update(request, requestId := derived(concat(
            'request', chr(10), conversation_id, chr(10),
            sha256(to_json({'session': session, 'request': request})::VARCHAR), chr(10), '1', chr(10)
        ))) AS request
    FROM payloads ORDER BY first_place
) TO '/dev/stdout' (FORMAT json)
"""


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    database = duckdb.connect(config={"threads": 1})
    database.execute(UUID)
    database.execute(QUERY, {"file": sys.argv[1]})


if __name__ == "__main__":
    main()
