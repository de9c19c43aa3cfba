// Memory for plain values that hot loops change.

/// A run of plain values, without the check before each change that an array makes: whether somebody shares it.
///
/// Emptying it keeps its memory. Elements must be plain: nothing that is counted by references.
struct Cells<Element>: ~Copyable {
    private(set) var count: Int
    private var capacity: Int
    // Safety: owned by this value and freed in deinit; the first `count` elements are initialised.
    private(set) var base: UnsafeMutablePointer<Element>

    init(repeating element: Element, count: Int) {
        self.init()
        reserve(count)
        base.initialize(repeating: element, count: count)
        self.count = count
    }

    init(_ elements: [Element] = []) {
        count = 0
        capacity = max(8, elements.count)
        base = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        for element in elements { append(element) }
    }

    deinit { base.deallocate() }

    var isEmpty: Bool { count == 0 }
    var indices: Range<Int> { 0..<count }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        _read {
            assert(index >= 0 && index < count)
            yield base[index]
        }
        _modify {
            assert(index >= 0 && index < count)
            yield &base[index]
        }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { reserve(max(8, capacity)) }
        (base + count).initialize(to: element)
        count &+= 1
    }

    private mutating func reserve(_ extra: Int) {
        guard count + extra > capacity else { return }
        capacity = max(capacity * 2, count + extra)
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        larger.moveInitialize(from: base, count: count)
        base.deallocate()
        base = larger
    }

    mutating func removeAll() { count = 0 }

    /// Takes the last element off, unless only so many are left.
    mutating func popLast(to least: Int) -> Element? {
        guard count > least else { return nil }
        count -= 1
        return base[count]
    }

    /// Sets the first elements.
    @inline(__always)
    mutating func fill(_ count: Int, with element: Element) {
        assert(count <= self.count)
        base.update(repeating: element, count: count)
    }
}
