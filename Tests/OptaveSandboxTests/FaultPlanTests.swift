// Faults: which are understood, how often they come, and that one seed means one sequence.

import Testing

@testable import OptaveSandbox

@Suite struct FaultPlanTests {
    @Test(arguments: Fault.allCases)
    func everyKindComesWhereItBelongsAndNowhereElse(_ fault: Fault) throws {
        var plan = try FaultPlan(["\(fault.rawValue):100%"])
        for occasion in Fault.Occasion.allCases {
            let drawn = plan.draw(occasion)
            guard fault.concerns(occasion) else {
                #expect(drawn == nil)
                continue
            }
            #expect(fault == .anyServerError ? [.serverError, .unavailable].contains(drawn) : drawn == fault)
        }
        #expect(Fault.Occasion.allCases.contains { fault.concerns($0) })
    }

    @Test func ratesAreThoseOfTheArguments() throws {
        var plan = try FaultPlan(["429:5%", "lost:0.2", "close-1006:30%"], seed: 3)
        var counts: [Fault: Int] = [:]
        for _ in 0..<20_000 {
            if let fault = plan.draw(.rest) { counts[fault, default: 0] += 1 }
        }
        #expect(counts[.close1006] == nil, "REST has no close codes")
        #expect((900...1100).contains(counts[.tooManyRequests] ?? 0))
        #expect((3800...4200).contains(counts[.lost] ?? 0))
    }

    @Test func equalSeedsThrowEqualDice() throws {
        func sequence(_ seed: UInt64) throws -> [Fault?] {
            var plan = try FaultPlan(["all:80%"], seed: seed)
            return (0..<200).map { _ in plan.draw(.socket) }
        }
        #expect(try sequence(1) == sequence(1))
        #expect(try sequence(1) != sequence(2))
    }

    @Test(arguments: ["429", "429:", "429:x", "429:101%", "429:-1", "429:5%:1", "418:5%", ":5%", "429:nan"])
    func whatIsNoFaultIsNamed(_ text: String) {
        let error = #expect(throws: FaultPlan.Unusable.self) { try FaultPlan([text]) }
        #expect(error?.description.contains(text.split(separator: ":").first.map(String.init) ?? text) == true)
    }

    @Test func moreThanAlwaysIsRefused() throws {
        #expect(throws: FaultPlan.Unusable.self) { try FaultPlan(["429:60%", "503:60%"]) }
        // They never meet.
        _ = try FaultPlan(["token-503:60%", "429:60%"])
    }
}
