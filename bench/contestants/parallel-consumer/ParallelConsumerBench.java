import static io.confluent.parallelconsumer.ParallelConsumerOptions.CommitMode.PERIODIC_CONSUMER_ASYNCHRONOUS;
import static io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder.KEY;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Confluent's Parallel Consumer: order by key, asynchronous periodic commits (its fastest mode), a
 * handler that parses the message and waits. Reports one line of JSON, as measure.ts has it.
 */
public class ParallelConsumerBench {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int COUNT = number("COUNT", 0);
  private static final int WAIT = number("WAIT", 5);
  private static final AtomicInteger handled = new AtomicInteger();
  private static final AtomicLong started = new AtomicLong();
  private static final AtomicLong cpuBefore = new AtomicLong();

  public static void main(String[] arguments) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", System.getenv("BROKERS"));
    properties.put("group.id", System.getenv("GROUP"));
    properties.put("auto.offset.reset", "earliest");
    properties.put("enable.auto.commit", "false");
    properties.put("max.poll.records", System.getenv().getOrDefault("MAX_POLL_RECORDS", "500"));
    var consumer =
        new KafkaConsumer<String, byte[]>(
            properties, new StringDeserializer(), new ByteArrayDeserializer());
    var options =
        ParallelConsumerOptions.<String, byte[]>builder()
            .ordering(KEY)
            .commitMode(PERIODIC_CONSUMER_ASYNCHRONOUS)
            .maxConcurrency(number("CONCURRENCY", 100))
            .consumer(consumer)
            .build();
    var processor = ParallelStreamProcessor.createEosStreamProcessor(options);
    processor.subscribe(List.of(System.getenv("TOPIC")));
    processor.poll(
        context -> {
          try {
            JSON.readTree(context.value());
            Thread.sleep(WAIT);
          } catch (Exception error) {
            throw new IllegalStateException(error);
          }
          handled();
        });
  }

  private static void handled() {
    int count = handled.incrementAndGet();
    if (count == 1) {
      started.set(System.nanoTime());
      cpuBefore.set(SYSTEM.getProcessCpuTime());
    }
    if (count != COUNT) return;
    double seconds = (System.nanoTime() - started.get()) / 1e9;
    double cpuSeconds = (SYSTEM.getProcessCpuTime() - cpuBefore.get()) / 1e9;
    System.out.printf(
        "{\"records\":%d,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"residentMiB\":%.1f}%n",
        count, seconds, cpuSeconds, residentMiB());
    System.out.flush();
    Runtime.getRuntime().halt(0);
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

  private static int number(String name, int standard) {
    String text = System.getenv(name);
    return text == null ? standard : Integer.parseInt(text);
  }
}
