// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "interaction-migrate",
    products: [
        .library(name: "InteractionModel", targets: ["InteractionModel"]),
        .library(name: "InteractionConversion", targets: ["InteractionConversion"]),
        .library(name: "InteractionMigration", targets: ["InteractionMigration"]),
        .executable(name: "interaction-migrate", targets: ["interaction-migrate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CLibArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .target(
            name: "InteractionModel",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            resources: [.embedInCode("Schema/interaction-v3.2.schema.json")],
            swiftSettings: strict
        ),
        .target(
            name: "InteractionSources",
            dependencies: ["InteractionModel", "CZlib", "CLibXML2", "CLibArchive"],
            swiftSettings: strict
        ),
        .target(
            name: "InteractionMapping",
            dependencies: ["InteractionModel", "CLibXML2", .product(name: "Yams", package: "Yams")],
            resources: [.embedInCode("Profiles/BuiltIn")],
            swiftSettings: strict
        ),
        .target(
            name: "InteractionConversion",
            dependencies: ["InteractionModel", "InteractionSources", "InteractionMapping"],
            resources: [.embedInCode("Report/Page")],
            swiftSettings: strict
        ),
        .target(
            name: "InteractionLedger",
            dependencies: [
                "InteractionModel",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "InteractionSubmission",
            dependencies: [
                "InteractionModel",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "InteractionMigration",
            dependencies: [
                "InteractionConversion", "InteractionLedger", "InteractionMapping", "InteractionModel",
                "InteractionSubmission",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "OptaveSandbox",
            dependencies: [
                "InteractionModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "interaction-migrate",
            dependencies: [
                "InteractionConversion", "InteractionLedger", "InteractionMapping", "InteractionMigration",
                "InteractionModel", "InteractionSubmission", "OptaveSandbox",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "submit-peer",
            dependencies: [
                "InteractionConversion", "InteractionMigration", "InteractionSubmission",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/Benchmarks/peers/swift",
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
        .target(
            name: "TestSupport",
            path: "Tests/Support",
            exclude: [
                "apply_patches.py", "corpus_texts.py", "kill_runs.py", "nginx.conf", "page_check.py", "page_checks.js",
                "peer_tenant.py", "refusing_tenant.py", "schema_verdicts.py", "shard_runs.py", "websocket_client.py",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InteractionModelTests",
            dependencies: ["InteractionModel", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InteractionSourcesTests",
            dependencies: ["InteractionSources", "InteractionModel", "CZlib", "CLibArchive", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InteractionMappingTests",
            dependencies: ["InteractionMapping", "InteractionModel", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InteractionConversionTests",
            dependencies: [
                "InteractionConversion", "InteractionMapping", "InteractionModel", "InteractionSources", "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InteractionLedgerTests",
            dependencies: [
                "InteractionLedger", "InteractionModel", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InteractionSubmissionTests",
            dependencies: [
                "InteractionSubmission", "InteractionModel", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OptaveSandboxTests",
            dependencies: [
                "OptaveSandbox", "InteractionModel", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "InteractionModel", "TestSupport", "interaction-migrate",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
    ]
)
