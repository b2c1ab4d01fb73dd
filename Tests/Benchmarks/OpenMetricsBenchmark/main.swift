// What instruments cost, beside the bare locked instruction of this machine in the same run. Parts can be named:
// `updates`, `lookups`, `declarations`, `families`.

let parts = CommandLine.arguments.dropFirst()

if parts.isEmpty || parts.contains("updates") { benchmarkUpdates() }
if parts.isEmpty || parts.contains("lookups") { benchmarkLookups() }
if parts.isEmpty || parts.contains("declarations") { benchmarkDeclarations() }
if parts.isEmpty || parts.contains("families") { benchmarkFamilies() }
