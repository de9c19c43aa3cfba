// What profiles are tried on: a few records of each kind, under the names that sources and seeds use.

@testable import InteractionMapping

/// A small input of one kind, with the place where its records are.
struct SmallInput {
    var at: String
    var text: [UInt8]

    /// Texts are short: a regular expression of a case may go back over them as often as it likes.
    static func of(_ kind: Profile.Kind) -> SmallInput {
        switch kind {
        case .json: SmallInput(at: "$.records[*]", text: json)
        case .csv: SmallInput(at: "", text: csv)
        case .xml: SmallInput(at: "log/*", text: xml)
        }
    }

    private static let json = Array(
        #"""
        {"desk": "d", "owner": "u1", "users": {"u1": {"name": "Kim"}}, "records": [
         {"id": 1, "type": "conversation", "title": "Late", "source": {"type": "email", "body": "<p>Hi</p>",
          "author": {"type": "user", "id": "u1", "name": "Kim", "email": "Kim@x.org"}, "attachments": []},
          "conversation_parts": {"conversation_parts": [
           {"id": "p", "part_type": "comment", "body": "a<br>b", "created_at": 1714550400, "author": {"type": "admin"}},
           {"id": "p", "part_type": "note", "body": "n", "author": {"type": "bot", "id": 0}}]},
          "tags": {"tags": [{"name": "t"}, {"name": ""}]}},
         {"type": "message", "user": "u2", "user_id": "u2", "text": "a &amp; <@u1>", "ts": "1714550401.5", "channel": "c",
          "files": [{"id": "F", "name": "f.png", "url": "https://x.org/f", "mimetype": "image/png"}], "deleted": true},
         {"ticket_id": 7, "id": 7, "author_id": -1, "requester_id": 2, "submitter_id": 2, "description": "d",
          "created_at": "2024-05-01T1", "events": [
           {"id": 3, "type": "Comment", "public": true, "body": "aGk=", "author_id": 2},
           {"id": 4, "type": "Change", "field_name": "s", "value": ["a", "b"], "previous_value": null}]},
         {"name": "N", "messages": [
          {"id": 5, "type": "message", "date": "02.05.24 1:0", "from": "K", "from_id": "user5", "text": ["a", {"text": "b"}]},
          {"id": 6, "type": "service", "action": "x", "text": "", "reply_to": 5, "internal": 1}]},
         {"uuid": "U", "vcon": "1", "subject": null, "parties": [{"tel": "+1"}, {"name": "Agent"}, {}], "dialog": [
          {"type": "text", "originator": 1, "parties": [0, 1], "start": "2024-05-01T10:00:00Z", "body": "\u0000\ud83d\ude00"},
          {"type": "text", "parties": 0, "offset": 1.5e3, "body": "Content-Type: text/html\r\n\r\n<b>", "by": "system"}]},
         {"": "", "#name": 0, "a.b": [[], {}, [[1]], null, false, -0.0, 1e999, "\\\"\t"], "text": "\ufeff \u200d", "key": ""},
         [], {}, "text", null, 12]}
        """#.utf8
    )

    private static let csv = Array(
        #"""
        Chat ID,id,ticket_id,Sender,sender_role,body,public,timestamp,name,email,Tags,message
        c1,1,7,Kim <k@x>,customer,"Hi, ""you""",true,2024-05-01 10:00,Kim,Kim@x.org,a;b,m
        c1,2,7,Anna,agent,<b>x</b>,false,1714550400,,,,
        c2,,8,,system,,,,,,,
        c2,2,8,Bot,bot,=?utf-8?q?a?=,1,"02.05.24
        1:0",%41,\#u{1F600},\#u{0},"short"
        c3,1,1,1,1,1,1,1,1,1,1,1,more
        c3,x
        """#.utf8
    )

    private static let xml = Array(
        """
        <log room="r" account="a" service="s" xmlns="urn:x">
        <message sender="a" time="2024-05-01T10:00:00Z" alias="A" from="a/1" to="b" id="1">Hi <b>you</b> &amp; me</message>
        <event type="join" sender="b" time="x"/>
        <chat with="b@x" start="2024-05-01T1" subject="S"><from secs="0"><body>f</body></from><to secs="5"><body/></to>
        <note utc="2">n</note></chat>
        <result id="2"><forwarded><delay stamp="2024-05-01T1"/><message from="a/1" type="groupchat"><body>t</body>
        <x><url>u</url></x></message></forwarded></result>
        <sms address="+1" date="1714550400000" type="1" body="&#128512;" contact_name="(Unknown)"/>
        <ticket number="7" customer="k" opened="01/05/2024 09:00AM"><description>d</description><messages>
        <message by="system" date="1" time="2"><![CDATA[<]]></message></messages></ticket>
        <x:odd xmlns:x="urn:y" x:a="1" a="2"/>
        </log>
        """.utf8
    )
}
