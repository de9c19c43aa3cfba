// How many rejected records are acceptable.

internal import InteractionMapping

/// What somebody accepts to be rejected; a run that goes beyond it stops.
public enum RejectLimit: Sendable, Hashable {
    /// So many records.
    case records(Int)
    /// So much of a hundred records.
    case percent(Double)

    /// Records before which a share says nothing yet; only the end of the run is judged by fewer.
    public static let leastRecords = 1000

    /// Whether more was rejected than is accepted.
    ///
    /// - Parameters:
    ///   - records: The books of records.
    ///   - isFinal: Whether no more records are to come.
    /// - Returns: True if the run has to end with a failure.
    func isExceeded(by records: Books.Level, isFinal: Bool) -> Bool {
        switch self {
        case .records(let most): records.rejected > most
        case .percent(let most):
            (isFinal || records.total >= Self.leastRecords)
                && Double(records.rejected) * 100 > most * Double(records.total)
        }
    }

    /// Ends the run if more was rejected than is accepted.
    func check(_ records: Books.Level) throws(RejectsExceeded) {
        if isExceeded(by: records, isFinal: false) { throw RejectsExceeded() }
    }
}

/// Ends a run from inside.
struct RejectsExceeded: Error {}
