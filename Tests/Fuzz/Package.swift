// swift-tools-version: 6.2
import PackageDescription

let conversion: Target.Dependency = .product(name: "InteractionConversion", package: "interaction-migrate")
let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

// Its own package, so that nothing of the fuzzer is in anybody's build; `run` builds it and links the targets.
let package = Package(
    name: "interaction-migrate-fuzz",
    products: [
        .library(name: "FuzzJSON", type: .static, targets: ["FuzzJSON"]),
        .library(name: "FuzzConvert", type: .static, targets: ["FuzzConvert"]),
        .library(name: "FuzzDelimited", type: .static, targets: ["FuzzDelimited"]),
        .library(name: "FuzzMarkup", type: .static, targets: ["FuzzMarkup"]),
        .library(name: "FuzzProfile", type: .static, targets: ["FuzzProfile"]),
    ],
    dependencies: [.package(name: "interaction-migrate", path: "../..")],
    targets: [
        .target(
            name: "FuzzJSON",
            dependencies: [.product(name: "InteractionModel", package: "interaction-migrate")],
            swiftSettings: settings
        ),
        .target(name: "FuzzConvert", dependencies: ["FuzzSupport", conversion], swiftSettings: settings),
        .target(name: "FuzzDelimited", dependencies: ["FuzzSupport", conversion], swiftSettings: settings),
        .target(name: "FuzzMarkup", dependencies: ["FuzzSupport", conversion], swiftSettings: settings),
        .target(name: "FuzzProfile", dependencies: ["FuzzSupport", conversion], swiftSettings: settings),
        .target(name: "FuzzSupport", dependencies: [conversion], swiftSettings: settings),
    ]
)
