internal import Hummingbird
import NIOCore

/// Writes bodies that are made piece by piece, for as long as there is somebody who reads them.
///
/// A piece is asked for when the one before it was written. A reader who takes nothing for ``timeout`` is
/// disconnected, one who has gone is noticed at the next piece, and the drain ends the body as if it were complete.
struct StreamedBody: Sendable {
  typealias Send = @Sendable ([UInt8]) async throws -> Void

  let timeout: Duration
  let draining: Draining

  func body(
    _ produce: @escaping @Sendable (_ send: @escaping Send) async throws -> Void, on channel: any Channel
  ) -> ResponseBody {
    ResponseBody { [timeout, draining] writer in
      // The producer pushes from one task while the connection's task writes, one piece at a time.
      let (pieces, pieceContinuation) = AsyncStream.makeStream(of: Piece.self)
      let drain = draining.whenStarted { pieceContinuation.finish() }
      defer { draining.forget(drain) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          defer { pieceContinuation.finish() }
          try await produce { bytes in
            try await withCheckedThrowingContinuation { continuation in
              let result = pieceContinuation.yield(Piece(bytes: bytes, written: continuation))
              if case .terminated = result { continuation.resume(throwing: CancellationError()) }
            }
          }
        }
        var failure: (any Error)?
        for await piece in pieces {
          if let failure {
            piece.written.resume(throwing: failure)
            continue
          }
          // Nothing else ends a write to a peer that keeps its connection and reads nothing.
          let overdue = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            channel.close(promise: nil)
          }
          do {
            try await writer.write(ByteBuffer(bytes: piece.bytes))
            piece.written.resume()
          } catch {
            failure = error
            piece.written.resume(throwing: error)
          }
          overdue.cancel()
        }
        group.cancelAll()
        if let failure { throw failure }
        do {
          try await group.waitForAll()
        } catch is CancellationError where draining.hasStarted {
          // It was told to stop.
        }
      }
      try await writer.finish(nil)
    }
  }

  private struct Piece: Sendable {
    let bytes: [UInt8]
    let written: CheckedContinuation<Void, any Error>
  }
}
