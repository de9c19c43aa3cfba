import Testing
@testable import OptaveSandbox
