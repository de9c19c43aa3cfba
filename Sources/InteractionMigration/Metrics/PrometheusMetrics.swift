// Counters, gauges and timers as the text that Prometheus reads.

package import CoreMetrics
package import InteractionModel
internal import Synchronization

/// A metrics system that holds its values in memory.
package final class PrometheusMetrics: MetricsFactory {
    private let values = Mutex<[MetricName: Metric]>([:])

    /// Makes a system without metrics.
    package init() {}

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        metric(label, dimensions, .counter)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        metric(label, dimensions, aggregate ? .histogram : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        metric(label, dimensions, .histogram)
    }

    // The values of a run stay until its end, whoever has let go of them.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func metric(_ label: String, _ dimensions: [(String, String)], _ kind: Metric.Kind) -> Metric {
        let name = MetricName(label: label, dimensions: dimensions.map { MetricName.Dimension(name: $0, value: $1) })
        return values.withLock { values in
            if let known = values[name] { return known }
            let metric = Metric(kind)
            values[name] = metric
            return metric
        }
    }

    private var sorted: [(MetricName, Metric)] {
        values.withLock { Array($0) }.map { ($0.key, $0.value) }.sorted { $0.0.text < $1.0.text }
    }

    /// All values in the text format 0.0.4, sorted by name.
    package var text: String {
        var text = ""
        var last = ""
        for (name, metric) in sorted {
            if name.label != last { text += "# TYPE \(name.label) \(metric.kind.rawValue)\n" }
            last = name.label
            for (suffix, extra, value) in metric.lines { text += "\(name.line(suffix, extra)) \(value)\n" }
        }
        return text
    }

    /// Appends all values as members of an object, by name with labels.
    package func write(to out: inout OutputBuffer) {
        for (name, metric) in sorted {
            for (suffix, extra, value) in metric.lines where extra == nil {
                out.member(named: name.line(suffix, nil)) { $0.append(text: value) }
            }
        }
    }
}

/// What a metric is told apart by.
private struct MetricName: Hashable {
    struct Dimension: Hashable {
        var name: String
        var value: String
    }

    var label: String
    var dimensions: [Dimension]

    var text: String { line("", nil) }

    /// The name as it stands before its value.
    func line(_ suffix: String, _ extra: (name: String, value: String)?) -> String {
        var pairs = dimensions.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
        if let extra { pairs.append("\(extra.name)=\"\(extra.value)\"") }
        return label + suffix + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

/// One value, or the distribution of many.
private final class Metric: CounterHandler, RecorderHandler, TimerHandler {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    private struct State {
        var value = 0.0
        var count = 0
        /// How many values are up to each bound and above the one before.
        var buckets = [Int](repeating: 0, count: Metric.bounds.count)
    }

    /// Upper bounds of a distribution, in seconds.
    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    let kind: Kind
    private let state = Mutex(State())

    init(_ kind: Kind) { self.kind = kind }

    func increment(by amount: Int64) { state.withLock { $0.value += Double(amount) } }
    func reset() { state.withLock { $0 = State() } }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock { state in
            guard kind == .histogram else {
                state.value = value
                return
            }
            state.value += value
            state.count += 1
            if let index = Self.bounds.firstIndex(where: { value <= $0 }) { state.buckets[index] += 1 }
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    /// What is said of it: the end of its name, a label beside its own, and the value.
    var lines: [(suffix: String, extra: (name: String, value: String)?, value: String)] {
        let state = state.withLock { $0 }
        guard kind == .histogram else { return [("", nil, Self.number(state.value))] }
        var lines: [(String, (name: String, value: String)?, String)] = []
        var sum = 0
        for (bound, count) in zip(Self.bounds, state.buckets) {
            sum += count
            lines.append(("_bucket", ("le", Self.number(bound)), "\(sum)"))
        }
        lines.append(("_bucket", ("le", "+Inf"), "\(state.count)"))
        return lines + [("_sum", nil, Self.number(state.value)), ("_count", nil, "\(state.count)")]
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
