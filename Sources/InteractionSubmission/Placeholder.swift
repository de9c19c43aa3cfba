internal import AsyncHTTPClient
internal import Logging
internal import Metrics
internal import NIOSSL
internal import NIOWebSocket
