import CMetricArena
import OpenMetrics

// What instruments cost, beside the bare locked instruction of this machine in the same run.

let bare = benchmarkUpdates()
benchmarkLookups(bare: bare)
benchmarkFamilies()
