// Numbers of JSON by their value, however they are written.

/// Compares numbers exactly: `1.0`, `1` and `10e-1` are one, and no digit is rounded away.
enum Decimal {
    /// Whether two numbers of JSON are the same.
    static func isSame(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        if left.elementsEqual(right) { return true }
        guard let left = Parts(left), let right = Parts(right) else { return false }
        return left == right
    }

    /// A number as digits without zeros at either end, and the power of ten of the last one.
    private struct Parts: Equatable {
        var isNegative = false
        var digits: [UInt8] = []
        var exponent = 0

        /// Nil for an exponent beyond all measure.
        init?(_ text: UnsafeRawBufferPointer) {
            var rest = text[...]
            if rest.first == UInt8(ascii: "-") {
                isNegative = true
                rest.removeFirst()
            }
            var isFraction = false
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: ".") {
                    isFraction = true
                } else if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
                    if rest.first == UInt8(ascii: "+") { rest.removeFirst() }
                    guard let power = Int(String(decoding: rest, as: UTF8.self)), abs(power) < 1 << 40 else {
                        return nil
                    }
                    exponent += power
                    break
                } else {
                    digits.append(byte)
                    if isFraction { exponent -= 1 }
                }
            }
            while digits.last == UInt8(ascii: "0") {
                digits.removeLast()
                exponent += 1
            }
            digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
            if digits.isEmpty {
                exponent = 0
                isNegative = false
            }
        }
    }
}
