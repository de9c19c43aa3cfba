// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "etl",
    dependencies: [
        // In a project of your own, the repository's URL and a version stand here.
        .package(name: "interaction-migrate", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "etl",
            dependencies: [.product(name: "InteractionConversion", package: "interaction-migrate")],
            swiftSettings: [.treatAllWarnings(as: .error)]
        ),
        .executableTarget(
            name: "submit",
            dependencies: [.product(name: "InteractionMigration", package: "interaction-migrate")],
            swiftSettings: [.treatAllWarnings(as: .error)]
        ),
    ]
)
