import Foundation

extension PrometheusConfiguration {
  /// Reads a file.
  ///
  /// - Parameter folder: relative paths in it start here.
  /// - Throws: where a key does not exist, a value is not of its kind, or what must be there is not.
  public init(yaml text: String, folder: String = ".") throws(ConfigurationFault) {
    var reader = ConfigurationReader(folder: folder)
    self = try reader.read(text)
  }

  /// - Throws: as the other form, and where the file cannot be read.
  public init(path: String) throws(ConfigurationFault) {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw ConfigurationFault(line: nil, path: "", reason: "\(path) cannot be read")
    }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    do throws(ConfigurationFault) {
      try self.init(yaml: String(decoding: bytes, as: UTF8.self), folder: folder.isEmpty ? "/" : folder)
    } catch {
      var fault = error
      fault.file = path
      throw fault
    }
  }
}
