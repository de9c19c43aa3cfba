// What a source says of a participant, for those who ask whether two of them are one person.

internal import InteractionModel

/// One way in which the source of a conversation tells of a participant.
package struct SourcePerson: Sendable, Hashable {
    /// What tells the participant apart from others.
    package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
        case id
        case email
        case phone
        /// A place in a list of people, which means nothing in another conversation.
        case place
        /// A display name, which means somebody in one conversation.
        case name
        /// Nothing but a role.
        case role
    }

    /// The organization of the conversation.
    package var organization: String
    /// The source system, as in the names that ids are derived from.
    package var system: String
    /// The role in the conversation.
    package var role: ParticipantRole
    /// What tells the participant apart.
    package var kind: Kind
    /// The key by which a crosswalk decides about them.
    package var sourceKey: String
    /// The person's id in the source.
    package var id: String?
    /// The e-mail address, trimmed and in lower case.
    package var email: String?
    /// The phone number: in E.164 if the region is known, else as the source, or its profile, gives it.
    package var phone: String?
    /// The display name.
    package var name: String?

    init(_ speaker: Speaker, _ organization: String, _ system: String) {
        self.organization = organization
        self.system = system
        role = speaker.role
        sourceKey = speaker.crosswalkKey
        name = speaker.name?.string
        guard let key = speaker.key?.string else {
            kind = (speaker.sourceRule ?? speaker.rule) == .name ? .name : .role
            return
        }
        switch speaker.sourceRule ?? speaker.rule {
        case .email: (kind, email) = (.email, key)
        case .phone: (kind, phone) = (.phone, key)
        default: (kind, id) = (.id, key)
        }
    }

    /// Adds what one entry, or a list of people, says.
    mutating func tell(_ person: GatheredPerson, _ options: MappingOptions) {
        if let email = person.email { self.email = String(email.string.trimmed).lowercased() }
        if let phone = person.phone { self.phone = options.comparable(phone: phone.string) }
        name = person.name?.string ?? name
        if person.id == nil, person.email == nil, person.phone == nil, person.isListed, kind == .id { kind = .place }
    }
}
