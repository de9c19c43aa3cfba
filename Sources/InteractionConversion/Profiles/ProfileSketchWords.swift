// The words by which names and values of chat logs give away what they are.

internal import InteractionMapping

/// What names and values say, in lower case.
enum SketchWords {
    static let text = words(
        """
        text body message content msg utterance html nachricht inhalt texte contenu mensaje texto messaggio
        testo bericht
        """
    )
    static let weakText = words("comment description plain reply question answer note transcript")
    static let time = words(
        """
        time timestamp date datetime at ts created sent when posted stamp received opened zeit datum zeitpunkt
        uhrzeit gesendet heure envoi fecha hora data
        """
    )
    static let firstTime = words("created sent time timestamp ts date at zeit datum")
    static let laterTime = words(
        """
        updated modified edited closed end ended expires deleted read last delivered resolved snoozed duration
        """
    )
    static let person = words(
        """
        author sender from by user speaker participant member actor creator agent customer visitor who nick
        owner person absender verfasser auteur autor remitente expediteur mittente
        """
    )
    static let identity = words("id uid userid login handle username identity key number address")
    static let name = words("name nick nickname alias display displayname fullname screenname")
    static let role = words("role type class direction kind speaker side rolle ruolo rol")
    static let conversation = words(
        """
        conversation chat ticket case thread session dialog dialogue room channel contact engagement call issue
        discussion gespräch vorgang unterhaltung
        """
    )
    static let number = words("id key number no nr sid uuid guid ref reference")
    static let kind = words("type kind event action subtype class")
    static let notContent = words(
        """
        id type url count at date time subject title name format status size language lang length encoding mime
        alias nick sender author phone email role
        """
    )

    /// What a role is called in sources, without blanks and signs.
    static let roles: [String: ParticipantRole] = {
        var roles: [String: ParticipantRole] = [:]
        let groups: [(ParticipantRole, Set<String>)] = [
            (
                .user,
                words(
                    """
                    user customer client visitor enduser consumer guest contact lead caller inbound incoming
                    requester buyer member shopper in received kunde besucher cliente
                    """
                )
            ),
            (
                .operator,
                words(
                    """
                    agent operator admin support staff representative rep advisor employee outbound outgoing
                    outboundapi out teammate humanagent moderator business helpdesk supporter mitarbeiter
                    agente technician sent
                    """
                )
            ),
            (
                .bot,
                words(
                    """
                    bot chatbot automatedagent virtualagent virtualassistant custombot ai automation robot
                    """
                )
            ),
            (.system, words("system automatic systemmessage server")),
        ]
        for (role, words) in groups { for word in words { roles[word] = role } }
        return roles
    }()

    /// Flags that say who spoke, and what they say where they are set.
    static let roleFlags: [String: (set: ParticipantRole, unset: ParticipantRole)] = [
        "incoming": (.user, .operator), "inbound": (.user, .operator), "customer": (.user, .operator),
        "visitor": (.user, .operator), "outgoing": (.operator, .user), "outbound": (.operator, .user),
        "agent": (.operator, .user), "staff": (.operator, .user), "me": (.operator, .user), "bot": (.bot, .user),
    ]

    static let notes = words(
        """
        note internal private internalnote privatenote whisper notiz intern
        """
    )
    static let messages = words(
        """
        message msg chat text reply comment chatmessage question answer publicreply public richmessage im sms
        email mail
        """
    )
    static let events = words(
        """
        event join joined leave left part system systemmessage transfer transferred status closed close opened
        open reopened assigned assignment typing rating memberjoin memberleave chatjoin chatleave trace snoozed
        conversationupdate started ended service
        """
    )

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    /// A word as it is looked up.
    static func folded(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }

    static func role(_ text: String) -> ParticipantRole? { roles[folded(text)] }
}
