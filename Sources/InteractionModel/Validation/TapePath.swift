// The path of a value, found from its place on the tape when somebody asks.

/// Finds paths such as `request.scope.conversations[0].messages[2].timestamp`.
///
/// Checks only keep node numbers; nearly all records never need a path. Asked in the order of the tape, as checks
/// do, all answers together take one pass over it.
package struct TapePath {
    /// A container on the way, and the child of it that was passed last.
    private struct Frame {
        var container: Int
        /// The child's node: a value, not a key.
        var child: Int
        /// The child's position, from 0.
        var position: Int
    }

    // Safety: used inside the call that was given the view, like the view itself.
    private let view: JSONView
    private let root: Int
    private var frames: [Frame] = []

    /// Starts at a value.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - root: The node that paths are relative to.
    package init(_ view: JSONView, root: Int) {
        self.view = view
        self.root = root
    }

    /// The path of a value.
    ///
    /// - Parameters:
    ///   - node: The value's node, at or inside the root.
    ///   - member: The name of a member of it, there or not, that the path ends with.
    /// - Returns: The path; empty for the root itself.
    package mutating func path(of node: Int, member: String? = nil) -> String {
        advance(to: node)
        var path = ""
        for frame in frames {
            if view.kind(frame.container) == .array {
                path += "[\(frame.position)]"
            } else {
                path += (path.isEmpty ? "" : ".") + view.text(frame.child - 1).string
            }
        }
        guard let member else { return path }
        return path.isEmpty ? member : path + "." + member
    }

    private mutating func advance(to node: Int) {
        while let last = frames.last, node <= last.container || node >= view.next(last.container) {
            frames.removeLast()
        }
        if let last = frames.last, node < last.child { restart(frames.count - 1) }
        if frames.isEmpty {
            guard node > root else { return }
            enter(root)
        }
        while let last = frames.last, last.child != node {
            if node < view.next(last.child) {
                enter(last.child)
            } else {
                let step = view.kind(last.container) == .object ? 1 : 0
                frames[frames.count - 1].child = view.next(last.child) + step
                frames[frames.count - 1].position += 1
            }
        }
    }

    private mutating func enter(_ container: Int) {
        frames.append(Frame(container: container, child: 0, position: 0))
        restart(frames.count - 1)
    }

    private mutating func restart(_ index: Int) {
        let container = frames[index].container
        frames[index].child = container + (view.kind(container) == .object ? 2 : 1)
        frames[index].position = 0
    }
}
