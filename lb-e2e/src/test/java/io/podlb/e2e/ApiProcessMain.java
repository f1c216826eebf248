package io.podlb.e2e;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.podlb.control.source.FakeApiServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** The process of {@link ApiProcess}: a line on standard input is a command, and each is answered by "done". */
final class ApiProcessMain {

    private ApiProcessMain() {}

    public static void main(String[] arguments) throws Exception {
        InetSocketAddress address = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        try (FakeApiServer server = FakeApiServer.start(address);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("done");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", 2);
                switch (words[0]) {
                    case "put" -> server.put(object(words[1]));
                    case "delete" -> server.delete(object(words[1]));
                    case "away" -> server.down();
                    case "back" -> server.up();
                    default -> throw new IllegalArgumentException(line);
                }
                System.out.println("done");
            }
        }
        System.exit(0);
    }

    private static HasMetadata object(String json) {
        return Serialization.unmarshal(json);
    }
}
