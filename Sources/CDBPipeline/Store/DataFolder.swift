import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A folder that state is kept in.
public enum DataFolder {
  /// Makes a folder and those above it, where they are not there.
  ///
  /// - Throws: ``PipelineError/dataDirectory(_:reason:)``, with what stands in the way and what to do.
  public static func make(_ path: String) throws(PipelineError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .dataDirectory(path, reason: obstacle(at: path, otherwise: systemCode(of: error)))
    }
  }

  /// Refuses a place where something stands that is no folder; where nothing is, one can be made.
  ///
  /// - Throws: ``PipelineError/dataDirectory(_:reason:)``, with what stands in the way and what to do.
  public static func check(_ path: String) throws(PipelineError) {
    var entry = stat()
    guard lstat(path, &entry) == 0 else { return }
    let isFolder = stat(path, &entry) == 0 && entry.st_mode & S_IFMT == S_IFDIR
    guard isFolder else { throw .dataDirectory(path, reason: obstacle(at: path, otherwise: ENOTDIR)) }
  }

  /// What keeps a folder from being made or written, and what to do; in words of a person.
  ///
  /// - Parameter code: the system's error, for what cannot be seen from the outside.
  public static func obstacle(at path: String, otherwise code: Int32) -> String {
    let elsewhere = "or choose another place with --data-dir"
    var parent = path.hasPrefix("/") ? "/" : "."
    var place = path.hasPrefix("/") ? "" : "."
    for name in path.split(separator: "/") {
      place = place == "." ? String(name) : "\(place)/\(name)"
      var entry = stat()
      guard lstat(place, &entry) == 0 else {
        if errno == EACCES {
          return "\(parent) cannot be entered by this user; give it the right to, \(elsewhere)"
        }
        return errno == ENOENT
          ? reason(whyNothingCanBeMadeIn: parent, code, elsewhere)
          : "\(words(errno)); choose another place with --data-dir"
      }
      let isLink = entry.st_mode & S_IFMT == S_IFLNK
      guard stat(place, &entry) == 0 else {
        return isLink
          ? "\(place) is a link that leads nowhere; mend it or take it away, \(elsewhere)"
          : "\(words(errno)); choose another place with --data-dir"
      }
      guard entry.st_mode & S_IFMT == S_IFDIR else {
        return "\(place) is a file, and a folder is needed there; move it away, \(elsewhere)"
      }
      parent = place
    }
    return reason(whyNothingCanBeMadeIn: parent, code, elsewhere)
  }

  private static func reason(whyNothingCanBeMadeIn folder: String, _ code: Int32, _ elsewhere: String)
    -> String
  {
    if access(folder, W_OK | X_OK) != 0 {
      switch errno {
      case EACCES, EPERM:
        return "\(folder) cannot be written by this user; give it the right to, \(elsewhere)"
      case EROFS:
        return "\(folder) is on a file system that can only be read; choose another place with --data-dir"
      default: break
      }
    }
    return "nothing can be made in \(folder) (\(words(code))); choose another place with --data-dir"
  }

  /// The system's error behind one of Foundation.
  static func systemCode(of error: any Error) -> Int32 {
    let error = error as NSError
    if error.domain == NSPOSIXErrorDomain { return Int32(truncatingIfNeeded: error.code) }
    return (error.userInfo[NSUnderlyingErrorKey] as? any Error).map(systemCode) ?? EIO
  }

  /// The system's words for an error, however it is wrapped.
  public static func systemWords(of error: any Error) -> String { words(systemCode(of: error)) }

  private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}
