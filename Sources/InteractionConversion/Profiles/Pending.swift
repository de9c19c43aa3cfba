internal import InteractionSources
struct MarkupPath { init(_ s: String) throws {} }
struct MarkupDecoder: ~Copyable { init(path: MarkupPath, markup: Set<String>, encoding: String?, largestRecord: Int) {}
 mutating func decode(_ bytes: UnsafeRawBufferPointer, isFinal: Bool, into batch: inout DecodedBatchBuilder) {} }
enum MarkupSkeleton { static func read(_ h: UnsafeRawBufferPointer, encoding: String?) -> Skeleton? { nil } }
