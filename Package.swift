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
        .executable(name: "interaction-migrate", targets: ["interaction-migrate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
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
            swiftSettings: strict
        ),
        .executableTarget(
            name: "interaction-migrate",
            dependencies: [
                "InteractionConversion", "InteractionMapping", "InteractionModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport",
            path: "Tests/Support",
            exclude: ["schema_verdicts.py", "corpus_texts.py", "apply_patches.py"],
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
            name: "CommandLineTests",
            dependencies: [
                "InteractionModel", "TestSupport", "interaction-migrate",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
    ]
)
