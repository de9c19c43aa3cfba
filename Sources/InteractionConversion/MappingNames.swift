// The mapping's types under this module's name, so that a caller imports one module.

public import InteractionMapping

/// The choices that shape Interactions.
public typealias MappingOptions = InteractionMapping.MappingOptions
/// Where a thread id may come from.
public typealias ThreadCandidate = InteractionMapping.ThreadCandidate
/// Who speaks.
public typealias ParticipantRole = InteractionMapping.ParticipantRole
/// Participants whose ids a person has decided.
public typealias Crosswalk = InteractionMapping.Crosswalk
/// A generation of the vendor's message.
public typealias Generation = InteractionMapping.Generation
/// What became of one source record.
public typealias RecordOutcome = InteractionMapping.RecordOutcome
/// The counts that must balance.
public typealias Books = InteractionMapping.Books
/// What became of a value.
public typealias Disposition = InteractionMapping.Disposition
