import CDBPipeline
import Foundation
import ServiceRuntime

#if canImport(Glibc)
  import Glibc
#endif

/// What a caller of changing operations must present. Where none is configured, a run makes one for its data
/// directory: whoever may read that directory may command the run.
public enum AccessToken {
  public static let fileName = "token"

  /// The configured token, or the data directory's.
  public static func source(_ settings: EffectiveConfiguration) -> any SecretSource {
    settings.secretSource("http.token")
      ?? FileSecretSource(path: settings.string("data_dir") + "/" + fileName)
  }

  /// Makes the data directory's token where none is configured and none is there.
  static func prepare(_ settings: EffectiveConfiguration) throws {
    guard settings.secretSource("http.token") == nil else { return }
    let directory = settings.string("data_dir")
    let path = directory + "/" + fileName
    guard !FileManager.default.fileExists(atPath: path) else { return }
    var random = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef")
    let token = String((0..<64).map { _ in digits[Int.random(in: 0..<16, using: &random)] }) + "\n"
    try DataFolder.make(directory)
    // Never readable by others, not even for an instant, and never half of it under its name; of several processes that begin
    // at once, one makes it.
    let draft = "\(path).partial.\(getpid())"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw PipelineError.dataDirectory(
        directory, reason: DataFolder.obstacle(at: directory, otherwise: errno))
    }
    defer { unlink(draft) }
    let bytes = Array(token.utf8)
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    let isComplete = fsync(descriptor) == 0 && written == bytes.count
    close(descriptor)
    guard isComplete, link(draft, path) == 0 || errno == EEXIST else {
      throw PipelineError.dataDirectory(
        directory, reason: DataFolder.obstacle(at: directory, otherwise: errno))
    }
  }
}
