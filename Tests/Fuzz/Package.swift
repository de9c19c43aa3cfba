// swift-tools-version: 6.2
import PackageDescription

// Its own package, so that nothing of the fuzzer is in anybody's build; `run` builds it and links the targets.
let package = Package(
    name: "interaction-migrate-fuzz",
    products: [
        .library(name: "FuzzJSON", type: .static, targets: ["FuzzJSON"]),
        .library(name: "FuzzConvert", type: .static, targets: ["FuzzConvert"]),
    ],
    dependencies: [.package(name: "interaction-migrate", path: "../..")],
    targets: [
        .target(
            name: "FuzzJSON",
            dependencies: [.product(name: "InteractionModel", package: "interaction-migrate")],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
        .target(
            name: "FuzzConvert",
            dependencies: [.product(name: "InteractionConversion", package: "interaction-migrate")],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
    ]
)
