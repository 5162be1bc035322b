import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts records; reports one line of JSON, as measure.ts has it, and ends the process after the last. */
final class Measure {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final int COUNT = number("COUNT", 0);
  private static final long LATENCY_FROM =
      Long.parseLong(System.getenv().getOrDefault("LATENCY_FROM", "-1"));

  private final AtomicInteger records = new AtomicInteger();
  private final AtomicInteger timed = new AtomicInteger();
  private final long[] latencies = new long[LATENCY_FROM < 0 ? 0 : COUNT];
  private volatile long started;
  private volatile long cpuBefore;

  /** From any thread; the timestamp is the record's. */
  void handled(long timestamp) {
    int count = records.incrementAndGet();
    if (count == 1) {
      started = System.nanoTime();
      cpuBefore = SYSTEM.getProcessCpuTime();
    }
    if (LATENCY_FROM >= 0 && timestamp >= LATENCY_FROM && count <= COUNT) {
      latencies[timed.getAndIncrement()] = System.currentTimeMillis() - timestamp;
    }
    if (count == COUNT) report();
  }

  private void report() {
    double seconds = (System.nanoTime() - started) / 1e9;
    double cpuSeconds = (SYSTEM.getProcessCpuTime() - cpuBefore) / 1e9;
    String times = "";
    if (timed.get() > 0) {
      long[] sorted = Arrays.copyOf(latencies, timed.get());
      Arrays.sort(sorted);
      times = ",\"p50\":" + at(sorted, 0.5) + ",\"p99\":" + at(sorted, 0.99);
    }
    System.out.printf(
        Locale.ROOT,
        "{\"records\":%d,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"residentMiB\":%.1f%s}%n",
        COUNT, seconds, cpuSeconds, residentMiB(), times);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static long at(long[] sorted, double share) {
    return sorted[(int) (share * (sorted.length - 1))];
  }

  /** The peak, as Linux tells it. */
  private static double residentMiB() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (Exception error) {
      return 0;
    }
  }

  static int number(String name, int standard) {
    String text = System.getenv(name);
    return text == null ? standard : Integer.parseInt(text);
  }
}
