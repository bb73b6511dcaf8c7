package bench;

import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamEvent;
import io.xlate.edi.stream.EDIStreamReader;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads one 835 with StAEDI several times in one virtual machine, adding up what the claims paid. */
public final class ReadClaims {
    private static final double NANOSECONDS = 1e9;

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        int times = Integer.parseInt(arguments[1]);
        var threads = ManagementFactory.getThreadMXBean();
        for (int time = 0; time < times; time++) {
            long before = threads.getCurrentThreadCpuTime();
            String answer = read(file);
            double seconds = (threads.getCurrentThreadCpuTime() - before) / NANOSECONDS;
            System.out.printf("%s %.4f%n", answer, seconds);
        }
    }

    private static String read(Path file) throws Exception {
        int claims = 0;
        BigDecimal paid = BigDecimal.ZERO;
        String segment = "";
        int element = 0;
        try (InputStream in = Files.newInputStream(file);
                EDIStreamReader reader = EDIInputFactory.newFactory().createEDIStreamReader(in)) {
            while (reader.hasNext()) {
                EDIStreamEvent event = reader.next();
                if (event == EDIStreamEvent.START_SEGMENT) {
                    segment = reader.getText();
                    element = 0;
                } else if (event == EDIStreamEvent.ELEMENT_DATA) {
                    element = reader.getLocation().getElementPosition();
                    if (element == 4 && segment.equals("CLP")) {
                        claims++;
                        paid = paid.add(new BigDecimal(reader.getText()));
                    }
                }
            }
        }
        return claims + " " + paid;
    }
}
