import Dispatch
import Glibc
import Synchronization
import TaskTiming

/// Hears of changes in folders from inotify. It only makes things faster: what it does not hear, a scan finds.
final class FolderWatch: Sendable {
  /// What was heard.
  struct Changes: Sendable {
    /// Paths of files that were written to.
    var written: Set<String> = []
    /// Whether files came or went, or something was missed.
    var isScanDue = false
  }

  private struct State {
    var changes = Changes()
    var folders: [CInt: String] = [:]
  }

  private let descriptor: CInt
  private let state = Mutex(State())
  /// Set once, and cancelled when nobody has this any more; Dispatch's sources may be used from any thread.
  private nonisolated(unsafe) let source: (any DispatchSourceRead)?
  private let wake: Signal
  private let most: Int

  /// - Parameters:
  ///   - wake: set when there is something to take.
  ///   - most: how many folders can be watched, where that is less than the system lets.
  init(wake: Signal, most: Int = .max) {
    self.wake = wake
    self.most = most
    descriptor = inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
    source =
      descriptor >= 0 ? DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global()) : nil
    source?.setEventHandler { @Sendable [weak self] in self?.read() }
    source?.setCancelHandler { @Sendable [descriptor] in close(descriptor) }
    source?.resume()
  }

  deinit { source?.cancel() }

  /// Watches these folders beside those that it watches already.
  ///
  /// - Returns: how many of them cannot be watched, and why the first cannot.
  func watch(_ folders: [String]) -> (unwatched: Int, problem: String?) {
    let mask = UInt32(
      IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_DELETE_SELF
        | IN_MOVE_SELF)
    let known = state.withLock { Set($0.folders.values) }
    var unwatched = 0
    var problem: String?
    var count = known.count
    for folder in folders where !known.contains(folder) {
      let watch = count < most ? inotify_add_watch(descriptor, folder, mask) : -1
      if watch >= 0 {
        count += 1
        state.withLock { $0.folders[watch] = folder }
        continue
      }
      let code = descriptor < 0 ? EMFILE : count < most ? errno : ENOSPC
      // It has gone since it was listed.
      guard code != ENOENT else { continue }
      unwatched += 1
      if problem == nil {
        problem =
          "\(folder) is not watched (inotify: \(String(cString: strerror(code)))): what changes there is found by looking"
      }
    }
    return (unwatched, problem)
  }

  /// What was heard since it was taken last.
  func take() -> Changes {
    state.withLock { state in
      defer { state.changes = Changes() }
      return state.changes
    }
  }

  private func read() {
    let room = 64 << 10
    withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { buffer in
      while true {
        let count = Glibc.read(descriptor, buffer.baseAddress, room)
        guard count > 0 else { break }
        let moved = state.withLock { state in
          Self.note(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &state)
        }
        for watch in moved { inotify_rm_watch(descriptor, watch) }
      }
    }
    wake.set()
  }

  /// Reads events as inotify(7) lays them out: watch, mask, cookie and length of the name, 32 bits each, and the name.
  ///
  /// - Returns: the watches of folders that are elsewhere now.
  private static func note(_ bytes: UnsafeRawBufferPointer, _ state: inout State) -> [CInt] {
    var moved: [CInt] = []
    var index = 0
    while index + 16 <= bytes.count {
      let watch = bytes.loadUnaligned(fromByteOffset: index, as: CInt.self)
      let mask = bytes.loadUnaligned(fromByteOffset: index + 4, as: UInt32.self)
      let length = Int(bytes.loadUnaligned(fromByteOffset: index + 12, as: UInt32.self))
      let name = bytes[(index + 16)..<min(index + 16 + length, bytes.count)].prefix { $0 != 0 }
      index += 16 + length
      if mask & UInt32(IN_MOVE_SELF) != 0 { moved.append(watch) }
      if mask & UInt32(IN_IGNORED | IN_MOVE_SELF) != 0 {
        state.folders.removeValue(forKey: watch)
        state.changes.isScanDue = true
      } else if mask & UInt32(IN_MODIFY) != 0, let folder = state.folders[watch] {
        state.changes.written.insert(folder + "/" + String(decoding: name, as: UTF8.self))
      } else {
        state.changes.isScanDue = true
      }
    }
    return moved
  }
}
