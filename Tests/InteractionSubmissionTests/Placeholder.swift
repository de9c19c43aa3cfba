import Testing
@testable import InteractionSubmission
