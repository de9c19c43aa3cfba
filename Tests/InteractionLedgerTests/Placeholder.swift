import Testing
@testable import InteractionLedger
