"""A headless Chromium that opens files, keeps its log, and pretends to be a phone or a dark screen."""
import base64
import json
import shutil
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service


class Browser:
    def __init__(self):
        driver, program = shutil.which("chromedriver"), shutil.which("chromium")
        if not driver or not program:
            sys.exit("no chromium here; make setup installs it")
        options = webdriver.ChromeOptions()
        options.binary_location = program
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions",
                                    {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0})

    def screen(self, width, dark=False, media=""):
        self.width = width
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": media, "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def open(self, path, limit=60):
        """Opens a page and waits until its figures are drawn; returns how many seconds that took."""
        self.driver.get("file://" + str(path))
        end = time.time() + limit
        while time.time() < end:
            state = self.run("return document.documentElement.dataset.ready")
            if state:
                break
            time.sleep(0.02)
        assert state == "yes", f"{path}: the figures were not drawn ({state}): {self.log()}"
        return self.run("return window.performance.getEntriesByName('ready')[0].startTime") / 1000

    def work(self, path):
        """Opens a page; the processor seconds that its main thread took."""
        self.driver.execute_cdp_cmd("Performance.disable", {})
        self.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        self.open(path)
        metrics = self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return {one["name"]: one["value"] for one in metrics}["TaskDuration"]

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def log(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        out = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                out.append(message["params"]["request"]["url"])
        return out

    def picture(self, path, height=None):
        height = height or self.run("return document.documentElement.scrollHeight")
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": self.width, "height": height, "scale": 1}})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def close(self):
        self.driver.quit()
