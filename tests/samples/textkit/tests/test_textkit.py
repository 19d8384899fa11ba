import subprocess
import sys
import unittest

from textkit import chunks, count, shorten, squeeze


class Texts(unittest.TestCase):
    def setUp(self):
        self.text = "one  two\tthree"

    def test_squeeze(self):
        self.assertEqual(squeeze(self.text), "one two three")

    def test_shorten(self):
        self.assertEqual(shorten("abcdefghijkl"), "abcdefg...")
        self.assertEqual(shorten("abc"), "abc")

    def test_too_narrow(self):
        with self.assertRaises(ValueError):
            shorten(self.text, 2)

    def test_count(self):
        for text, words in [("a A b", {"a": 2, "b": 1}), ("hi, hi!", {"hi": 2}), (" . ", {})]:
            with self.subTest(text=text):
                self.assertEqual(count(text), words)

    def test_chunks(self):
        self.assertEqual(list(chunks("abcde", 2)), [["a", "b"], ["c", "d"], ["e"]])


class CommandLine(unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run([sys.executable, "-m", "textkit", *arguments], capture_output=True, text=True)

    def test_it_prints(self):
        done = self.run_it("5", "long", " text")
        self.assertEqual(done.stdout, "lo...\n")
        self.assertEqual(done.returncode, 0)

    def test_it_says_how(self):
        self.assertEqual(self.run_it().returncode, 2)

    def test_not_a_number(self):
        self.assertEqual(self.run_it("x", "y").returncode, 3)


if __name__ == "__main__":
    unittest.main()
