// Conversion plus submit.

internal import InteractionConversion
internal import InteractionLedger
internal import InteractionSubmission
internal import Logging
