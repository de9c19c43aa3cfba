#!/usr/bin/env python3
"""Peer: chat logs in CSV to Interactions as one query, on one thread.

    convert_duckdb.py FILE > interactions.ndjson

People keep the source's ids, and there is no requestId: SQL has no UUID of version 5.
"""

import sys

import duckdb

QUERY = """
COPY (
    WITH lines AS (
        SELECT *, row_number() OVER () AS place
        FROM read_csv($file, all_varchar = true, header = true, quote = '"', escape = '"', max_line_size = 4000000)
    ),
    people AS (
        SELECT
            conversation_id,
            list({'participantId': sender_id, 'displayName': name, 'role': role} ORDER BY first_place) AS participants,
            list(sender_id ORDER BY first_place) AS ids
        FROM (
            SELECT
                conversation_id,
                sender_id,
                arg_min(sender_name, place) AS name,
                MAP {'customer': 'user', 'agent': 'operator', 'bot': 'bot'}[arg_min(sender_role, place)] AS role,
                min(place) AS first_place
            FROM lines GROUP BY conversation_id, sender_id
        )
        GROUP BY conversation_id
    ),
    talks AS (
        SELECT
            conversation_id,
            min(place) AS first_place,
            arg_min(channel, place) AS channel,
            arg_min(language, place) AS language,
            list({'content': body, 'participantId': sender_id, 'timestamp': timestamp}
                ORDER BY timestamp::TIMESTAMPTZ, place) AS messages
        FROM lines GROUP BY conversation_id
    )
    SELECT
        {'channel': {'language': language, 'medium': if(channel = 'email', 'email', 'chat')}} AS session,
        {
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
    ORDER BY first_place
) TO '/dev/stdout' (FORMAT json)
"""


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    duckdb.connect(config={"threads": 1}).execute(QUERY, {"file": sys.argv[1]})


if __name__ == "__main__":
    main()
