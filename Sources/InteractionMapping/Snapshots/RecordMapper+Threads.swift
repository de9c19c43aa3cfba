// To which thread a legacy record belongs, before it is converted with the others.

package import InteractionModel

extension RecordMapper {
    /// Maps a record only to learn its thread.
    ///
    /// A record that cannot be converted is booked here; one that can is not, since it is mapped again with the others
    /// of its thread.
    ///
    /// - Parameters:
    ///   - text: The record's bytes, which are kept.
    ///   - file: The input's index among the inputs of the run.
    ///   - form: How it was read.
    ///   - place: Where it lies, if it was made from another format than JSON.
    ///   - fragments: Receives the thread's key and the record, as the grouping takes them.
    ///   - map: Maps the record.
    /// - Returns: What became of a record that cannot be converted; nil for any other.
    package mutating func findThread(
        _ text: UnsafeRawBufferPointer,
        file: Int,
        form: SnapshotFragment.Form,
        place: Finding.Place? = nil,
        into fragments: inout OutputBuffer,
        map: (inout RecordMapper) -> RecordOutcome
    ) -> RecordOutcome? {
        let booked = books
        snapshot.purpose = .finding
        defer { snapshot.purpose = .conversion }
        let outcome = map(&self)
        guard outcome.kind == .converted else { return outcome }
        books = booked
        source.isVerbatim = true
        fragments.reserveGroupHeader()
        let key = fragments.count
        fragments.append(threadKey(outcome.threadId ?? ""))
        let keyEnd = fragments.count
        fragments.reserveFragmentLength()
        let start = fragments.count
        SnapshotFragment.append(
            text,
            place: place ?? source.place(0),
            range: outcome.bytes,
            file: file,
            form: form,
            to: &fragments
        )
        fragments.writeFragmentLength(start)
        fragments.writeGroupHeader(key..<keyEnd)
        output.truncate(to: payloadStart)
        return nil
    }

    /// The organization and its thread; a part of a larger payload has a key of its own.
    private func threadKey(_ thread: String) -> [UInt8] {
        var key = snapshot.organization
        key.append(0x0A)
        key.append(contentsOf: thread.utf8)
        guard snapshot.isPart else { return key }
        key.append(0x0A)
        var digest = ContentDigest()
        digest.update(UnsafeRawBufferPointer(rebasing: output.bytes[payloadStart...]))
        return key + digest.finish()
    }
}
