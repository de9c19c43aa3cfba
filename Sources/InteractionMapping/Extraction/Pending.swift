internal import InteractionModel
struct HTMLText: ~Copyable { mutating func plain(_ html: UnsafeRawBufferPointer) -> [UInt8] { [UInt8](html) } }
