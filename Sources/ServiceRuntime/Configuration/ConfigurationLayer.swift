import Configuration

/// One layer of configuration: a swift-configuration provider, and where each of its values stands.
struct ConfigurationLayer: Sendable {
  let provider: any ConfigProvider
  /// What is set here, by configuration name, and where.
  let origins: [String: ConfigurationOrigin]

  /// What this layer says about `name`, if anything.
  func written(_ name: String) -> (value: ConfigurationValue.Written, origin: ConfigurationOrigin)? {
    guard let origin = origins[name] else { return nil }
    let key = AbsoluteConfigKey(name.split(separator: ".").map(String.init))
    // A provider throws when the value has another type than asked for; the other one is tried then.
    if let found = try? provider.value(forKey: key, type: .string).value,
      case .string(let text) = found.content
    {
      return (.text(text), origin)
    }
    if let found = try? provider.value(forKey: key, type: .stringArray).value,
      case .stringArray(let items) = found.content
    {
      return (.list(items), origin)
    }
    return nil
  }
}

extension ConfigurationLayer {
  static func file(_ file: ConfigurationFile, schema: ConfigurationSchema) throws(ConfigurationError) -> Self
  {
    let known = Set(schema.writableNames)
    // By line, so that the first mistake in the file is the one that is reported.
    for (name, setting) in file.settings.sorted(by: { ($0.value.line, $0.key) < ($1.value.line, $1.key) }) {
      let origin = ConfigurationOrigin.file(path: file.path, line: setting.line)
      guard known.contains(name) else {
        let section = known.contains { $0.hasPrefix(name + ".") }
        // `http:` with everything below it commented out is an empty section, not a mistake.
        if section, case .text(let text) = setting.value, ["", "~", "null"].contains(text) { continue }
        throw .unknownKey(name, origin: origin, nearest: NearestName.of(name, among: known))
      }
      if schema.byName[name]?.isSecret == true { throw .inlineSecret(key: name, origin: origin) }
    }
    return Self(
      provider: InMemoryProvider(name: file.path, values: values(file.settings.mapValues(\.value))),
      origins: file.settings.mapValues { .file(path: file.path, line: $0.line) })
  }

  static func environment(
    _ environment: [String: String], prefix: String, ignoring: Set<String>, schema: ConfigurationSchema
  ) throws(ConfigurationError) -> Self {
    var names: [String: String] = [:]
    for name in schema.writableNames {
      names[prefix + String(name.map { $0 == "." ? "_" : $0 }).uppercased()] = name
    }
    let set = environment.filter { $0.key.hasPrefix(prefix) && !ignoring.contains($0.key) }
    var origins: [String: ConfigurationOrigin] = [:]
    for variable in set.keys.sorted() {
      guard let name = names[variable] else {
        throw .unknownKey(
          variable, origin: .environment(name: variable),
          nearest: NearestName.of(variable, among: names.keys))
      }
      origins[name] = .environment(name: variable)
    }
    let provider = EnvironmentVariablesProvider(environmentVariables: set)
      .prefixKeys(with: ConfigKey([String(prefix.reversed().drop { $0 == "_" }.reversed())]))
    return Self(provider: provider, origins: origins)
  }

  /// A flag may be named as the key (`http.listen`), or as the flag itself (`http-listen`).
  static func flags(
    _ flags: [String: String], assigned: Set<String>, schema: ConfigurationSchema
  ) throws(ConfigurationError) -> Self {
    var names: [String: (name: String, flag: String)] = [:]
    for key in schema.keys {
      names[key.name] = (key.name, key.flag)
      names[key.flag] = (key.name, key.flag)
      guard key.isSecret else { continue }
      let file = key.name + ConfigurationSchema.fileSuffix
      names[file] = (file, key.flag + "-file")
      names[key.flag + "-file"] = (file, key.flag + "-file")
    }
    var written: [String: ConfigurationValue.Written] = [:]
    var origins: [String: ConfigurationOrigin] = [:]
    for given in flags.keys.sorted() {
      guard let (name, flag) = names[given] else {
        throw .unknownKey(
          given, origin: assigned.contains(given) ? .assignment(key: given) : .flag(name: given),
          nearest: NearestName.of(given, among: names.keys))
      }
      let origin: ConfigurationOrigin =
        assigned.contains(given) ? .assignment(key: given) : .flag(name: flag)
      if let first = origins[name] { throw .duplicateKey(name, origin: origin, first: first) }
      // Any user of the machine can read the command line of a process.
      if schema.byName[name]?.isSecret == true { throw .inlineSecret(key: name, origin: origin) }
      written[name] = flags[given].map { .text($0) }
      origins[name] = origin
    }
    return Self(provider: InMemoryProvider(name: "flags", values: values(written)), origins: origins)
  }

  private static func values(
    _ written: [String: ConfigurationValue.Written]
  ) -> [AbsoluteConfigKey: ConfigValue] {
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    for (name, value) in written {
      let content: ConfigContent =
        switch value {
        case .text(let text): .string(text)
        case .list(let items): .stringArray(items)
        }
      let key = AbsoluteConfigKey(name.split(separator: ".").map(String.init))
      values[key] = ConfigValue(content, isSecret: false)
    }
    return values
  }
}
