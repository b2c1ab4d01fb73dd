/// Joins the layers: defaults in code < file < environment < flags.
public enum ConfigurationLoader {
  /// Reads and checks everything at once, so that a program starts with a configuration that holds or says in
  /// one line what is wrong with it.
  ///
  /// - Parameters:
  ///   - schema: the settings there are.
  ///   - file: a YAML file that must exist.
  ///   - defaultFile: read when `file` is nil; it may be missing.
  ///   - environment: the process's variables; only those that start with the prefix count.
  ///   - environmentPrefix: `CDB_` makes `CDB_HTTP_LISTEN` set `http.listen`.
  ///   - flags: values by key name or by flag name.
  ///   - assigned: which of `flags` were written as `--set key=value`, so that an error names what was written.
  ///   - ignoring: variables with the prefix that are not settings, as one that names the file.
  public static func load(
    schema: ConfigurationSchema, file: String? = nil, defaultFile: String? = nil,
    environment: [String: String] = [:], environmentPrefix: String, flags: [String: String] = [:],
    assigned: Set<String> = [], ignoring: Set<String> = []
  ) throws(ConfigurationError) -> EffectiveConfiguration {
    try schema.validate()
    // Highest precedence first.
    var layers = [
      try ConfigurationLayer.flags(flags, assigned: assigned, schema: schema),
      try ConfigurationLayer.environment(
        environment, prefix: environmentPrefix, ignoring: ignoring, schema: schema),
    ]
    if let document = try read(file: file, defaultFile: defaultFile) {
      layers.append(try ConfigurationLayer.file(document, schema: schema))
    }

    var resolved: [EffectiveConfiguration.Resolved] = []
    for key in schema.keys {
      let (value, origin) =
        key.isSecret
        ? try resolveSecret(key, layers: layers) : try resolve(key, layers: layers)
      if key.isRequired, case .unset = value {
        throw .missingValue(
          key: key.name, environmentName: key.environmentName(prefix: environmentPrefix))
      }
      resolved.append(.init(key: key, value: value, origin: origin))
    }
    return EffectiveConfiguration(resolved)
  }

  private static func read(file: String?, defaultFile: String?) throws(ConfigurationError)
    -> ConfigurationFile?
  {
    if let file { return try ConfigurationFile(path: file) }
    guard let defaultFile, FileExistence.exists(defaultFile) else { return nil }
    return try ConfigurationFile(path: defaultFile)
  }

  private static func resolve(
    _ key: ConfigurationKey, layers: [ConfigurationLayer]
  ) throws(ConfigurationError) -> (ConfigurationValue, ConfigurationOrigin) {
    // Every layer is checked, also one that another overrides: it would bite on the day the override goes.
    var winner: (ConfigurationValue, ConfigurationOrigin)?
    for layer in layers {
      guard let (written, origin) = layer.written(key.name) else { continue }
      let value = try ConfigurationValue(parsing: written, for: key, origin: origin)
      winner = winner ?? (value, origin)
    }
    if let winner { return winner }
    guard let text = key.defaultValue else { return (.unset, .default) }
    return (try ConfigurationValue(parsing: .text(text), for: key, origin: .default), .default)
  }

  private static func resolveSecret(
    _ key: ConfigurationKey, layers: [ConfigurationLayer]
  ) throws(ConfigurationError) -> (ConfigurationValue, ConfigurationOrigin) {
    let fileKey = ConfigurationKey(key.name + ConfigurationSchema.fileSuffix, .string, help: key.help)
    for layer in layers {
      let inline = layer.written(key.name)
      let path = layer.written(fileKey.name)
      if let inline, path != nil { throw .ambiguousSecret(key: key.name, origin: inline.origin) }
      if let (written, origin) = inline {
        return (try ConfigurationValue(parsing: written, for: key, origin: origin), origin)
      }
      if let (written, origin) = path {
        guard case .text(let text) = written, !text.isEmpty else {
          throw .invalidValue(
            key: fileKey.name, value: written.shown, expected: "the path of a file", origin: origin)
        }
        _ = try ConfigurationValue(parsing: written, for: fileKey, origin: origin)
        return (.secretFile(resolve(path: text, origin: origin)), origin)
      }
    }
    return (.unset, .default)
  }

  /// A path in a file is relative to that file, as in Prometheus; elsewhere to the working directory.
  private static func resolve(path: String, origin: ConfigurationOrigin) -> String {
    guard !path.hasPrefix("/"), case .file(let file, _) = origin, let slash = file.lastIndex(of: "/") else {
      return path
    }
    return file[...slash] + path
  }
}
