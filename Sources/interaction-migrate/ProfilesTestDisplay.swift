// What `profiles test` prints: each case, the rules that none reaches, and how many.

internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

/// Shows the cases of a profile to a person, or to a machine.
struct CaseDisplay {
    let format: DisplayFormat
    /// The profile as it was named, for places in it.
    let file: String

    /// One case, with its line feeds.
    func text(of one: ProfileCase, _ verdict: ProfileCase.Outcome.Verdict) -> String {
        guard format == .text else { return json(of: one, verdict) }
        switch verdict {
        case .passed: return "\(one.name): passes\n"
        case .recorded: return "\(one.name): recorded\n"
        case .failed(let reason): return "\(one.name): fails: \(reason)\n"
        case .differs(let line, let expected, let actual):
            return """
                \(one.name): fails: line \(line) of \(one.expectedName) differs
                  - \(expected ?? "(the end)")
                  + \(actual ?? "(the end)")

                """
        }
    }

    private func json(of one: ProfileCase, _ verdict: ProfileCase.Outcome.Verdict) -> String {
        let name = "\"case\":\(one.name.quotedJSON)"
        switch verdict {
        case .passed: return "{\(name),\"result\":\"passed\"}\n"
        case .recorded: return "{\(name),\"result\":\"recorded\"}\n"
        case .failed(let reason): return "{\(name),\"result\":\"failed\",\"reason\":\(reason.quotedJSON)}\n"
        case .differs(let line, let expected, let actual):
            let sides = [expected, actual].map { $0?.quotedJSON ?? "null" }
            return """
                {\(name),"result":"failed","line":\(line),"expected":\(sides[0]),"actual":\(sides[1])}

                """
        }
    }

    /// The rules that no case reaches, one a line.
    func missed(_ coverage: ProfileCoverage) -> String {
        coverage.missed.map { rule in
            switch format {
            case .text: "\(file):\(rule.line):\(rule.column): no case reaches \(rule.path)\n"
            case .json:
                """
                {"unreached":\(rule.path.quotedJSON),"line":\(rule.line),"column":\(rule.column)}

                """
            }
        }.joined()
    }

    func summary(cases: Int, failures: Int, _ coverage: ProfileCoverage) -> String {
        switch format {
        case .text:
            """
            \(cases) cases: \(cases - failures) pass, \(failures) fail; \
            \(coverage.reachedCount) of \(coverage.ruleCount) rules are reached (\(coverage.percent)%)
            """
        case .json:
            """
            {"cases":\(cases),"passed":\(cases - failures),"failed":\(failures),"rules":\(coverage.ruleCount),\
            "reached":\(coverage.reachedCount),"percent":\(coverage.percent)}
            """
        }
    }
}

extension String {
    /// The text as JSON has it.
    var quotedJSON: String {
        var out = OutputBuffer(capacity: utf8.count + 2)
        out.append(quoted: self)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
