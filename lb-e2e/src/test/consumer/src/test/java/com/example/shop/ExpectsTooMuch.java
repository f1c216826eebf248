package com.example.shop;

import static io.podlb.kit.PodlbAssertions.assertThat;

import io.podlb.kit.PodlbTest;
import io.podlb.kit.ServiceAddress;
import io.podlb.kit.ServiceHandle;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** Fails: nothing keeps clients of this Service on one Pod. Its name keeps it out of a build that is not told of it. */
@PodlbTest(manifests = "classpath:shop.yaml")
class ExpectsTooMuch {

    @Test
    void oneClientStaysOnOnePod(@ServiceAddress("web") ServiceHandle web) throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Socket client =
                    new Socket(web.address().getAddress(), web.address().getPort())) {
                client.getOutputStream().write('x');
                client.shutdownOutput();
                client.getInputStream().readAllBytes();
            }
        }
        assertThat(web.receipts()).as("a shopping cart lives in one Pod").areAllOnOnePod();
    }
}
